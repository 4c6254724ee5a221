-- Work contracts, their declarations, payslips, and the files that pay wages; personal data is encrypted.

create table entity (
  id                uuid    primary key,
  name              text    not null,
  legal_form        text    not null,
  currency          char(3) not null,
  iban              text    not null,
  enterprise_number text    not null,
  street            text    not null,
  post_code         text    not null,
  city              text    not null,
  country           text    not null,
  simulated         boolean not null
);

-- Orders that clients confirmed: what contracts are made under.
create table confirmed_order (
  id           uuid primary key,
  entity_id    uuid not null,
  activity_id  uuid not null,
  member_id    uuid not null,
  start_date   date not null,
  end_date     date not null,
  confirmed_on date not null,
  cancelled_on date
);

-- National number, account, name and family: one encrypted text, bound to its member.
create table payroll_profile (
  member_id    uuid  primary key,
  language     text  not null,
  completed_on date  not null,
  person       bytea not null
);

-- Who read whose file, when: added to and never changed.
create table access_log (
  id         bigint      generated always as identity primary key,
  at         timestamptz not null default clock_timestamp(),
  reader     text        not null,
  member_id  uuid        not null,
  file       text        not null check (file in ('payroll_profile', 'payslip', 'payment_file')),
  request_id text        not null
);
create index on access_log (member_id, at);

create function access_log_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the access log is added to and never changed';
end $$;
create trigger access_log_is_append_only before update or delete or truncate on access_log
  for each statement execute function access_log_is_append_only();

-- The state of a contract follows from what happened to it.
create table contract (
  id                   uuid    primary key,
  order_id             uuid    not null references confirmed_order,
  activity_id          uuid    not null,
  entity_id            uuid    not null references entity,
  member_id            uuid    not null references payroll_profile,
  kind                 text    not null check (kind in ('month', 'days', 'hours', 'lump_sum')),
  regime               text    not null check (regime in ('white_collar', 'manual_worker', 'artist')),
  first_day            date    not null,
  last_day             date    not null check (last_day >= first_day),
  wage_minor           bigint  not null check (wage_minor > 0),
  days                 int     not null check (days >= 0),
  hours                numeric not null check (hours >= 0),
  function_title       text    not null,
  joint_committee      text    not null,
  gross_minor          bigint  not null check (gross_minor > 0),
  estimated_minor      bigint  not null check (estimated_minor > 0),
  labor_cost_minor     bigint  not null check (labor_cost_minor > 0),
  currency             char(3) not null,
  requested_on         date    not null,
  budget_held_on       date,
  declared_on          date,
  ended_on             date,
  paid_on              date,
  refused_on           date,
  refusal_code         text,
  undeclared_on        date,
  payslip_refusal_code text,
  check ((refused_on is null) = (refusal_code is null)),
  check (refused_on is null or ended_on is null),
  check (declared_on is null or budget_held_on is not null),
  check (ended_on is null or (declared_on is not null and ended_on >= last_day)),
  check (paid_on is null or ended_on is not null)
);
create index on contract (order_id, id);
create index on contract (member_id, id);
create index contract_undeclared on contract (entity_id, first_day, id)
  where declared_on is null and refused_on is null;
create index contract_without_payslip on contract (entity_id, id) where payslip_refusal_code is not null;

-- What was sent to the authority and what it answered, both as encrypted texts.
create table declaration (
  id          uuid  primary key,
  contract_id uuid  not null references contract,
  kind        text  not null check (kind in ('in', 'cancel')),
  state       text  not null check (state in ('draft', 'sent', 'acknowledged', 'waiting', 'accepted',
                                              'accepted_with_warning', 'refused')),
  reference   text,
  period_id   text,
  result      text,
  anomalies   jsonb not null default '[]',
  request     bytea,
  answer      bytea,
  sent_at     timestamptz,
  decided_at  timestamptz,
  constraint one_declaration_of_a_kind unique (contract_id, kind),
  check (state = 'draft' or request is not null or decided_at is not null)
);

-- A payslip is computed once and never edited; later costs of the quarter get columns of their own.
create table payslip (
  id                         uuid    primary key,
  contract_id                uuid    not null references contract,
  order_id                   uuid    not null,
  activity_id                uuid    not null,
  entity_id                  uuid    not null references entity,
  member_id                  uuid    not null references payroll_profile,
  period_start               date    not null,
  period_end                 date    not null check (period_end >= period_start),
  currency                   char(3) not null,
  gross_wage_minor           bigint  not null check (gross_wage_minor > 0),
  net_wage_minor             bigint  not null,
  net_payable_minor          bigint  not null,
  estimated_minor            bigint  not null,
  provisioned_minor          bigint  not null check (provisioned_minor > 0),
  declared_minor             bigint,
  corrected_minor            bigint,
  base_minor                 bigint  not null,
  time_millionths            bigint  not null check (time_millionths between 0 and 1000000),
  bonus_a_minor              bigint  not null,
  bonus_b_minor              bigint  not null,
  special_contribution_minor bigint  not null,
  lines                      jsonb   not null,
  remarks                    jsonb   not null,
  sources                    jsonb   not null,
  fingerprint                text    not null,
  engine_version             text    not null,
  due_date                   date    not null check (due_date > period_end),
  computed_on                date    not null,
  constraint one_payslip_per_period unique (contract_id, period_start)
);
create index on payslip (member_id, id);
create index on payslip (member_id, entity_id, period_end);

create function payslip_is_never_edited() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) - 'declared_minor' - 'corrected_minor')
    is distinct from (to_jsonb(old) - 'declared_minor' - 'corrected_minor') then
    raise exception 'a payslip is never edited';
  end if;
  return new;
end $$;
create trigger payslip_is_never_edited before update on payslip
  for each row execute function payslip_is_never_edited();

-- The bytes that went to the bank, encrypted: what is sent again is these and nothing else.
create table payment_file (
  id             uuid    primary key,
  message_id     text    not null unique,
  entity_id      uuid    not null references entity,
  scheme         text    not null check (scheme in ('ordinary', 'instant')),
  execution_date date    not null,
  payment_count  int     not null check (payment_count > 0),
  total_minor    bigint  not null check (total_minor > 0),
  currency       char(3) not null,
  created_on     date    not null,
  document       bytea   not null
);
create index on payment_file (entity_id, id);

-- A payslip is paid by one order, ever.
create table payment_order (
  id             uuid    primary key,
  payslip_id     uuid    not null references payslip,
  file_id        uuid    not null references payment_file,
  end_to_end_id  text    not null unique,
  amount_minor   bigint  not null check (amount_minor > 0),
  currency       char(3) not null,
  source         text    not null,
  funded_on      date    not null,
  paid_on        date,
  returned_on    date,
  return_reason  text,
  constraint one_payment_per_payslip unique (payslip_id),
  check (paid_on is null or returned_on is null),
  check ((returned_on is null) = (return_reason is null))
);
create index on payment_order (file_id);
