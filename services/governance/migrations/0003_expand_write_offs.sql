-- Claims that the guarantee fund proposes to give up, and what was decided.

create table write_off (
  id           uuid    primary key,
  order_id     uuid    not null,
  entity_id    uuid    not null,
  amount_minor bigint  not null check (amount_minor > 0),
  currency     char(3) not null,
  proposed_on  date    not null,
  approved_on  date    check (approved_on >= proposed_on),
  approved_by  text,
  grounds      text,
  check (num_nonnulls(approved_on, approved_by, grounds) in (0, 3))
);
create index on write_off (entity_id, id);

create function a_write_off_is_approved_once() returns trigger language plpgsql as $$
begin
  if old.approved_on is not null then
    raise exception 'a write-off that was approved stays as it was decided';
  end if;
  return new;
end $$;
create trigger a_write_off_is_approved_once before update on write_off
  for each row execute function a_write_off_is_approved_once();
