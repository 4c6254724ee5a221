-- Allowances that are no wage: for whom the work is, and for which days. The limits stand in the country's data; each
-- day keeps those of its own, and a day beyond them is not kept, whoever asks for it.

alter table confirmed_order add column buyer_id uuid;  -- unknown of orders confirmed before

-- A row to lock: what a principal owes depends on everything that it paid in the year.
create table allowance_principal (
  id uuid primary key
);

create table allowance_day (
  member_id            uuid   not null references payroll_profile,
  regime               text   not null check (regime ~ '^[a-z][a-z0-9_]{0,59}$'),
  principal_id         uuid   not null references allowance_principal,
  day                  date   not null,
  contract_id          uuid   not null references contract,
  amount_minor         bigint not null check (amount_minor > 0),
  amount_max_minor     bigint not null check (amount_max_minor >= amount_minor),
  days_per_year_max    int    not null check (days_per_year_max > 0),
  consecutive_days_max int    not null check (consecutive_days_max > 0),
  primary key (member_id, regime, principal_id, day)
);
create index on allowance_day (contract_id);
create index on allowance_day (principal_id);

create function allowance_stays_within_its_limits() returns trigger language plpgsql as $$
declare
  days_of_year int;
  days_in_a_row int;
begin
  -- Of two allowances of one worker at once, the second counts the days of the first.
  perform from payroll_profile where member_id = new.member_id for update;
  select count(distinct day) into days_of_year
  from allowance_day
  where member_id = new.member_id
    and regime = new.regime
    and date_trunc('year', day) = date_trunc('year', new.day);
  with runs as (
    select day, day - (row_number() over (order by day))::int as run
    from allowance_day
    where member_id = new.member_id
      and regime = new.regime
      and principal_id = new.principal_id
  )
  select count(*) into days_in_a_row
  from runs
  where run = (select run from runs where day = new.day);
  if days_of_year > new.days_per_year_max then
    raise exception 'more days with an allowance than the year has' using errcode = 'check_violation';
  end if;
  if days_in_a_row > new.consecutive_days_max then
    raise exception 'more days in a row with an allowance than one principal has' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger allowance_stays_within_its_limits after insert or update on allowance_day
  for each row execute function allowance_stays_within_its_limits();
