-- The fund, what it stands for, the wages it keeps until they are due, what it advanced and what came back.

-- fund: what is the fund's own; client: what clients owe it; bank: where its endowment comes from.
alter table ledger.account add constraint account_kind check (kind in ('fund', 'client', 'bank'));

create table entity (
  id         uuid    primary key,
  name       text    not null,
  legal_form text    not null,
  currency   char(3) not null
);

-- One fund an entity: its money is in the ledger, in the accounts that the entity owns.
create table fund (
  entity_id uuid primary key references entity,
  name      text not null,
  opened_on date not null
);

-- Copied from members: whether and until when a member may bring new money to an entity.
create table member_standing (
  member_id      uuid not null,
  entity_id      uuid not null,
  admitted_on    date,
  entitled_until date,
  primary key (member_id, entity_id)
);

-- Copied from invoicing. `exposure_minor` is what the fund may still lose on the order.
create table confirmed_order (
  id                 uuid    primary key,
  entity_id          uuid    not null references entity,
  activity_id        uuid    not null,
  member_id          uuid    not null,
  buyer_id           uuid    not null,
  buyer_country      text    not null,
  confirmed_by       text    not null check (confirmed_by in ('buyer', 'member')),
  price_minor        bigint  not null check (price_minor >= 0),
  contribution_minor bigint  not null check (contribution_minor between 0 and price_minor),
  currency           char(3) not null,
  confirmed_on       date    not null,
  cancelled_on       date,
  exposure_minor     bigint  not null default 0 check (exposure_minor >= 0)
);
create index on confirmed_order (entity_id) include (buyer_id, member_id, exposure_minor) where exposure_minor > 0;
create index on confirmed_order (buyer_id, entity_id);

-- One verdict an order, with its reasons, kept as it was given.
create table cover_verdict (
  order_id    uuid    primary key references confirmed_order,
  covered     boolean not null,
  cover_minor bigint  not null check (cover_minor >= 0 and (covered or cover_minor = 0)),
  currency    char(3) not null,
  decided_on  date    not null,
  reasons     jsonb   not null
);
create function verdict_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'a verdict is kept as it was given';
end $$;
create trigger verdict_is_kept before update or delete or truncate on cover_verdict
  for each statement execute function verdict_is_kept();

-- Copied from invoicing. `wage_part_minor` is the total without VAT less the contribution: what wages may be paid from.
create table invoice (
  id              uuid    primary key,
  number          text    not null,
  order_id        uuid    not null,
  entity_id       uuid    not null,
  total_minor     bigint  not null check (total_minor >= 0),
  wage_part_minor bigint  not null check (wage_part_minor between 0 and total_minor),
  paid_minor      bigint  not null default 0 check (paid_minor between 0 and total_minor),
  currency        char(3) not null
);
create index on invoice (order_id);

-- The contribution of an invoice feeds the fund once; null in `booked_on` while the entity has no fund.
create table contribution (
  invoice_id      uuid    primary key,
  entity_id       uuid    not null references entity,
  levied_minor    bigint  not null check (levied_minor >= 0),
  fund_part_minor bigint  not null check (fund_part_minor between 0 and levied_minor),
  currency        char(3) not null,
  levied_on       date    not null,
  booked_on       date
);
create index on contribution (entity_id, invoice_id) where booked_on is null;

-- The promise of one wage, by its payslip; the one without a payslip waits for it.
-- `held_minor` is to be held in the fund; without `hold_id` the fund could not, and the due date tries again.
create table wage_process (
  id               uuid    primary key,
  order_id         uuid    not null references confirmed_order,
  entity_id        uuid    not null references entity,
  state            text    not null check (state in (
    'new', 'waiting_payslip', 'waiting_payslip_uncovered', 'waiting_payslip_defaulted', 'wage_due',
    'wage_due_defaulted', 'wage_due_collected', 'wage_due_unbacked', 'funded_by_collection', 'settled', 'advanced',
    'paid', 'recovery_opened', 'recovered', 'loss_carried', 'released')),
  currency         char(3) not null,
  payslip_id       uuid    constraint one_process_per_payslip unique,
  contract_id      uuid,
  member_id        uuid,
  labor_cost_minor bigint  check (labor_cost_minor >= 0),
  due_date         date,
  held_minor       bigint  not null check (held_minor >= 0),
  collected_minor  bigint  not null check (collected_minor >= 0),
  funded_minor     bigint  not null check (funded_minor >= 0),
  advanced_minor   bigint  not null check (advanced_minor >= 0),
  recovered_minor  bigint  not null check (recovered_minor >= 0),
  lost_minor       bigint  not null check (lost_minor >= 0),
  is_wage_paid     boolean not null,
  hold_id          uuid    unique references ledger.transfer,
  source           text    check (source in ('collection', 'advance')),
  funded_on        date,
  check (num_nonnulls(payslip_id, contract_id, member_id, labor_cost_minor, due_date) in (0, 5)),
  check (hold_id is null or held_minor > 0),
  check ((source is null) = (funded_on is null)),
  check (funded_minor in (0, labor_cost_minor)),
  constraint nothing_comes_back_twice check (recovered_minor + lost_minor <= advanced_minor),
  constraint no_more_than_the_wage_is_advanced check (advanced_minor <= coalesce(labor_cost_minor, 0))
);
create index on wage_process (order_id);
create unique index one_wage_waits on wage_process (order_id) where payslip_id is null;
create index wage_due on wage_process (entity_id, due_date, payslip_id)
  where payslip_id is not null and funded_on is null;

create table advance (
  id           uuid    primary key,
  payslip_id   uuid    not null constraint one_advance_per_payslip unique references wage_process (payslip_id),
  order_id     uuid    not null references confirmed_order,
  entity_id    uuid    not null references entity,
  amount_minor bigint  not null check (amount_minor > 0),
  currency     char(3) not null,
  granted_on   date    not null
);
create index on advance (entity_id, id);

-- What came back of an advance: once a payment.
create table recovery (
  advance_id   uuid   not null references advance,
  payment_ref  text   not null,
  amount_minor bigint not null check (amount_minor > 0),
  recovered_on date   not null,
  primary key (advance_id, payment_ref)
);

-- The days on which the fund was below its reserve; told once a day.
create table fund_warning (
  entity_id     uuid    not null references entity,
  noted_on      date    not null,
  balance_minor bigint  not null,
  reserve_minor bigint  not null,
  currency      char(3) not null,
  primary key (entity_id, noted_on)
);
