-- What the end of a return's period changes of what its payslips withheld from workers: declared at once, and settled by
-- a later payslip as a correction is.

-- `difference_minor` is the whole of it as this return declares it, `net_payable_minor` what is new since the one before.
create table period_difference (
  id                uuid    primary key,
  return_id         uuid    not null references periodic_return,
  entity_id         uuid    not null references entity,
  member_id         uuid    not null,
  contract_id       uuid    not null references contract,
  period_start      date    not null,
  period_end        date    not null check (period_end >= period_start),
  number            int     not null check (number > 0),
  turn              bigint  not null default nextval('payroll_order'),
  currency          char(3) not null,
  deltas            jsonb   not null check (jsonb_array_length(deltas) > 0),
  difference_minor  bigint  not null,
  net_payable_minor bigint  not null check (net_payable_minor <> 0),
  declared_on       date    not null check (declared_on > period_end),
  constraint one_difference_of_a_worker_in_a_return unique (return_id, member_id),
  constraint differences_are_numbered unique (entity_id, member_id, period_start, number)
);

create function the_differences_add_up() returns trigger language plpgsql as $$
declare
  declared bigint;
  steps    int;
begin
  select coalesce(sum(net_payable_minor), 0), count(*) into declared, steps
  from period_difference
  where entity_id = new.entity_id and member_id = new.member_id and period_start = new.period_start;
  if declared + new.net_payable_minor <> new.difference_minor or new.number <> steps + 1 then
    raise exception 'the steps of a difference add up' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger the_differences_add_up before insert on period_difference
  for each row execute function the_differences_add_up();

-- Which payslip took up how much of a difference: together never more than it, and never against it.
create table difference_settlement (
  difference_id uuid   not null references period_difference,
  payslip_id    uuid   not null references payslip,
  amount_minor  bigint not null check (amount_minor <> 0),
  primary key (difference_id, payslip_id)
);
create index on difference_settlement (payslip_id);

create function no_more_than_the_difference() returns trigger language plpgsql as $$
declare
  owed    bigint;
  settled bigint;
begin
  select net_payable_minor into owed from period_difference where id = new.difference_id for update;
  select coalesce(sum(amount_minor), 0) + new.amount_minor into settled
  from difference_settlement where difference_id = new.difference_id;
  if sign(new.amount_minor) <> sign(owed) or abs(settled) > abs(owed) then
    raise exception 'a difference is settled once' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger no_more_than_the_difference before insert on difference_settlement
  for each row execute function no_more_than_the_difference();

create trigger a_difference_is_never_edited before update or delete or truncate on period_difference
  for each statement execute function a_correction_is_never_edited();
create trigger a_difference_is_never_edited before update or delete or truncate on difference_settlement
  for each statement execute function a_correction_is_never_edited();
