-- Payslips that are computed again: what differs is kept beside them, and a later payslip takes it up.

-- One order for what was computed, corrected and told: which came first decides what counts.
create sequence payroll_order;

-- `facts` are those the payslip was computed from, encrypted; what was computed before they were kept has none.
alter table payslip
  add column turn bigint not null default nextval('payroll_order'),
  add column facts bytea,
  add column kind  text   not null default 'wage' check (kind in ('wage', 'correction'));

-- A payslip of corrections alone has no gross and no price; a contract still has one wage.
alter table payslip
  drop constraint payslip_gross_wage_minor_check,
  drop constraint payslip_provisioned_minor_check,
  drop constraint one_payslip_per_period,
  add constraint a_wage_has_a_gross check (
    kind <> 'wage' or (gross_wage_minor > 0 and provisioned_minor > 0)),
  add constraint a_correction_pays_alone check (
    kind <> 'correction' or (gross_wage_minor = 0 and provisioned_minor = 0 and estimated_minor = 0
                             and net_wage_minor = 0 and net_payable_minor > 0));
drop index one_payslip_per_contract;
create unique index one_payslip_per_contract on payslip (contract_id) where kind = 'wage';

-- Facts that a member told as having held since a day in the past. The latest since a day counts.
create table fact_correction (
  turn     bigint primary key default nextval('payroll_order'),
  member_id uuid   not null references payroll_profile,
  since     date   not null,
  told_on   date   not null check (since <= told_on),
  facts     bytea  not null
);
create index on fact_correction (member_id, since);

-- Payslips of a period to be computed again, one row each.
create table recomputation (
  id           uuid primary key,
  entity_id    uuid not null references entity,
  period_start date not null,
  period_end   date not null check (period_end >= period_start),
  reason       text not null check (reason <> ''),
  started_by   text not null,
  started_on   date not null,
  batches      int  not null default 0 check (batches >= 0),
  finished_on  date check (finished_on >= started_on)
);
create unique index one_open_recomputation on recomputation (entity_id) where finished_on is null;

-- What differs, by how much, since which fact or figure: added to and never changed.
create table payslip_correction (
  id                uuid    primary key,
  payslip_id        uuid    not null references payslip,
  number            int     not null check (number > 0),
  recomputation_id  uuid    not null references recomputation,
  turn             bigint  not null default nextval('payroll_order'),
  currency          char(3) not null,
  deltas            jsonb   not null,
  net_wage_minor    bigint  not null,
  net_payable_minor bigint  not null,
  labor_cost_minor  bigint  not null,
  counted           jsonb   not null,
  facts             bytea   not null,
  fingerprint       text    not null,
  engine_version    text    not null,
  corrected_on      date    not null,
  constraint corrections_are_numbered unique (payslip_id, number),
  constraint a_correction_changes_something check (jsonb_array_length(deltas) > 0)
);

create table recomputation_item (
  run_id           uuid   not null references recomputation,
  payslip_id       uuid   not null references payslip,
  turn            bigint not null,
  is_computed      boolean not null default false,
  correction_id    uuid   references payslip_correction,
  refusal_code     text,
  refusal_sentence text,
  primary key (run_id, payslip_id),
  constraint what_is_corrected_is_computed check (correction_id is null or is_computed),
  constraint computed_or_failed check (not is_computed or refusal_code is null),
  constraint a_failed_item_has_its_sentence check ((refusal_code is null) = (refusal_sentence is null))
);
create index recomputation_item_waiting on recomputation_item (run_id, turn)
  where not is_computed and refusal_code is null;
create index recomputation_item_failed on recomputation_item (run_id, payslip_id) where refusal_code is not null;

-- Which payslip took up how much of a correction: together never more than the correction, and never against it.
create table correction_settlement (
  correction_id uuid   not null references payslip_correction,
  payslip_id    uuid   not null references payslip,
  amount_minor  bigint not null check (amount_minor <> 0),
  primary key (correction_id, payslip_id)
);
create index on correction_settlement (payslip_id);

create function no_more_than_the_correction() returns trigger language plpgsql as $$
declare
  owed    bigint;
  settled bigint;
begin
  select net_payable_minor into owed from payslip_correction where id = new.correction_id for update;
  select coalesce(sum(amount_minor), 0) + new.amount_minor into settled
  from correction_settlement where correction_id = new.correction_id;
  if sign(new.amount_minor) <> sign(owed) or abs(settled) > abs(owed) then
    raise exception 'a correction is settled once' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger no_more_than_the_correction before insert on correction_settlement
  for each row execute function no_more_than_the_correction();

-- What the price of a contract left over, or fell short by, as it was announced for the mutual pool: all and the step.
create table labor_cost_variance (
  contract_id       uuid    not null references contract,
  number            int     not null check (number > 0),
  provisioned_minor bigint  not null,
  cost_minor        bigint  not null,
  variance_minor    bigint  not null,
  change_minor      bigint  not null check (change_minor <> 0),
  currency          char(3) not null,
  announced_on      date    not null,
  primary key (contract_id, number),
  constraint the_variance_is_the_rest_of_the_price check (variance_minor = provisioned_minor - cost_minor)
);

create function the_steps_add_up() returns trigger language plpgsql as $$
declare
  announced bigint;
  steps     int;
begin
  select coalesce(sum(change_minor), 0), count(*) into announced, steps
  from labor_cost_variance where contract_id = new.contract_id;
  if announced + new.change_minor <> new.variance_minor or new.number <> steps + 1 then
    raise exception 'the steps of a variance add up' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger the_steps_add_up before insert on labor_cost_variance
  for each row execute function the_steps_add_up();

create function a_correction_is_never_edited() returns trigger language plpgsql as $$
begin
  raise exception 'what was corrected, settled or announced is added to and never changed';
end $$;
create trigger a_correction_is_never_edited before update or delete or truncate on payslip_correction
  for each statement execute function a_correction_is_never_edited();
create trigger a_correction_is_never_edited before update or delete or truncate on correction_settlement
  for each statement execute function a_correction_is_never_edited();
create trigger a_correction_is_never_edited before update or delete or truncate on labor_cost_variance
  for each statement execute function a_correction_is_never_edited();
