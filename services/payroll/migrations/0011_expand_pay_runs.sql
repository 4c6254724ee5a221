-- The pay run of a month: one row a contract whose payslip is due, done or failed one by one.

create table pay_run (
  id           uuid primary key,
  entity_id    uuid not null references entity,
  period_start date not null check (extract(day from period_start) = 1),
  started_by   text not null,
  started_on   date not null,
  batches      int  not null default 0 check (batches >= 0),
  finished_on  date check (finished_on >= started_on)
);
create unique index one_open_pay_run on pay_run (entity_id, period_start) where finished_on is null;

create table pay_run_item (
  run_id           uuid not null references pay_run,
  contract_id      uuid not null references contract,
  last_day         date not null,
  payslip_id       uuid references payslip,
  refusal_code     text,
  refusal_sentence text,
  primary key (run_id, contract_id),
  constraint done_or_failed check (payslip_id is null or refusal_code is null),
  constraint a_failure_has_its_sentence check ((refusal_code is null) = (refusal_sentence is null))
);
create unique index contract_waits_in_one_pay_run on pay_run_item (contract_id)
  where payslip_id is null and refusal_code is null;
create index pay_run_item_waiting on pay_run_item (run_id, last_day, contract_id)
  where payslip_id is null and refusal_code is null;
create index pay_run_item_failed on pay_run_item (run_id, contract_id) where refusal_code is not null;

-- A contract has one pay period, and so one payslip, whoever computes it.
create unique index one_payslip_per_contract on payslip (contract_id);
create index contract_ended_unpaid on contract (entity_id, last_day, id)
  where refused_on is null and declared_on is not null and paid_on is null;
