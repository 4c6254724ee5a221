-- What an employer owes an authority for each period, what was filed, and what became of it.

-- How the authority knows the employer, and whom it may ask.
create table declarant (
  entity_id        uuid primary key references entity,
  authority_number text not null check (authority_number <> ''),
  contact_name     text not null,
  contact_phone    text not null,
  contact_email    text not null,
  completed_on     date not null
);

-- The state of a return follows from what happened to it; what was sent and answered are encrypted texts, and
-- so are the fields that the authority names: its words may repeat what they are about.
create table periodic_return (
  id              uuid  primary key,
  entity_id       uuid  not null references entity,
  kind            text  not null check (kind in ('return', 'return_social')),
  period_start    date  not null,
  period_end      date  not null check (period_end >= period_start),
  sequence        int   not null check (sequence between 1 and 99),
  format          text  not null,
  filing_date     date  not null check (filing_date > period_end),
  due_date        date  not null check (due_date >= filing_date),
  refusal_code    text,
  filed_on        date,
  request         bytea,
  reference       text,
  answer          bytea,
  unanswered_on   date,
  decided_on      date,
  result          text  check (result in ('A', 'W', 'B', 'rejected')),
  fields          bytea,
  overdue_on      date,
  late_payslip_on date,
  replaced_on     date,
  constraint one_return_of_a_period unique (entity_id, kind, period_start, sequence),
  constraint filed_when_the_period_is_over check (filed_on > period_end),
  constraint what_is_filed_is_kept check ((filed_on is null) = (request is null)),
  check (decided_on is null or filed_on is not null),
  check ((decided_on is null) = (result is null)),
  constraint only_a_filed_return_lacks_a_payslip check (late_payslip_on is null or filed_on is not null),
  constraint only_a_decided_return_is_replaced check (replaced_on is null or decided_on is not null)
);
create unique index one_current_return_of_a_period on periodic_return (entity_id, kind, period_start)
  where replaced_on is null;
create index return_to_look_at on periodic_return (entity_id, due_date, id)
  where replaced_on is null and (result is null or result in ('B', 'rejected') or late_payslip_on is not null);

-- In which return a payslip was declared first: one of a kind, ever. Later returns of the period repeat it.
create table returned_payslip (
  payslip_id uuid not null references payslip,
  kind       text not null,
  return_id  uuid not null references periodic_return,
  constraint one_original_return_of_a_payslip primary key (payslip_id, kind)
);
create index on returned_payslip (return_id);
create index payslip_of_a_period on payslip (entity_id, period_end, id);

-- Whoever reads a return reads the personal data of everybody in it.
alter table access_log
  drop constraint access_log_file_check,
  add constraint access_log_file_check check (file in ('payroll_profile', 'payslip', 'payment_file', 'periodic_return'));
