-- Legal entities as sellers, clients, activities with their budgets, orders, invoices, payments.

-- The kinds of account this service books on; budgets have floor 0, so that no activity can overspend.
alter table ledger.account add constraint invoicing_account_kinds
  check (kind in ('buyer', 'budget', 'contribution', 'labor', 'vat', 'bank', 'suspense'));

create table entity (
  id                uuid    primary key,
  name              text    not null,
  legal_form        text    not null,
  enterprise_number text    not null,
  vat_number        text    not null,
  iban              text    not null,
  street            text    not null,
  post_code         text    not null,
  city              text    not null,
  country           char(2) not null,
  currency          char(3) not null,
  simulated         boolean not null,
  registered_on     date    not null
);
-- Each story of a simulation opens an entity of its own; a real enterprise is registered once.
create unique index one_real_entity_a_number on entity (enterprise_number) where not simulated;
-- Money that arrives on an account belongs to one entity.
create unique index one_entity_an_account on entity (iban);

-- What the members service said: who was admitted, and until when new money may come in.
create table member_standing (
  member_id      uuid not null,
  entity_id      uuid not null,
  admitted_on    date,
  entitled_until date,
  primary key (member_id, entity_id)
);

-- `member_id` is the member who registered the client; nobody where an adviser did.
create table party (
  id          uuid    primary key,
  entity_id   uuid    not null references entity,
  member_id   uuid,
  name        text    not null,
  vat_number  text    not null default '',
  street      text    not null,
  post_code   text    not null,
  city        text    not null,
  country     char(2) not null,
  email       text    not null,
  language    text    not null
);

create table activity (
  id        uuid primary key,
  entity_id uuid not null references entity,
  member_id uuid not null,
  name      text not null,
  opened_on date not null,
  closed_on date
);
create index on activity (member_id, id);

create table activity_participation (
  activity_id uuid not null references activity,
  member_id   uuid not null,
  role        text not null check (role in ('administrator', 'participant', 'occasional_participant')),
  primary key (activity_id, member_id)
);

-- One row a series and year: locked by whoever takes a number, until that transaction commits.
create table number_counter (
  entity_id       uuid not null references entity,
  series          text not null,
  year            int  not null,
  last            int  not null check (last > 0),
  last_issue_date date not null,
  primary key (entity_id, series, year)
);

create table reference_counter (
  only_row boolean primary key default true check (only_row),
  last     bigint  not null default 0 check (last between 0 and 999999999)
);
insert into reference_counter default values;

create table sales_order (
  id                uuid    primary key,
  entity_id         uuid    not null references entity,
  activity_id       uuid    not null references activity,
  member_id         uuid    not null,
  buyer_id          uuid    not null references party,
  number            text    not null,
  title             text    not null,
  currency          char(3) not null,
  language          text    not null,
  buyer_reference   text    not null,
  payment_term_days int     not null check (payment_term_days >= 0),
  price_minor       bigint  not null check (price_minor >= 0),
  contribution_minor bigint not null check (contribution_minor between 0 and price_minor),
  valid_until       date    not null,
  drafted_on        date    not null,
  sent_on           date,
  sent_at           timestamptz,
  confirmed_by      text    check (confirmed_by in ('buyer', 'member')),
  confirmed_name    text,
  consent           text,
  confirmed_on      date,
  cancel_reason     text,
  is_refusal        boolean,
  cancelled_on      date,
  is_covered        boolean,
  cover_reasons     jsonb   not null default '[]',
  cover_decided_on  date,
  done_on           date,
  unique (entity_id, number),
  check ((sent_on is null) = (sent_at is null)),
  check (sent_on is not null or (confirmed_on is null and is_refusal is not true)),
  check (confirmed_on is null or cancelled_on is null or not is_refusal),
  check ((confirmed_on is null) = (confirmed_by is null)),
  check ((is_covered is null) = (cover_decided_on is null)),
  check (is_covered is null or confirmed_on is not null)
);
create index on sales_order (activity_id, id);

create table order_line (
  order_id    uuid    not null references sales_order,
  position    int     not null,
  description text    not null,
  nature      text    not null,
  first_day   date    not null,
  last_day    date    not null check (last_day >= first_day),
  quantity    numeric not null check (quantity > 0),
  unit        text    not null,
  unit_price  numeric not null check (unit_price >= 0),
  primary key (order_id, position)
);

-- What a contract set aside on its activity's budget; the ledger lets a hold end once.
create table budget_hold (
  contract_id uuid    primary key,
  order_id    uuid    not null references sales_order,
  activity_id uuid    not null references activity,
  entity_id   uuid    not null references entity,
  hold_id     uuid    not null unique,
  amount_minor bigint not null check (amount_minor > 0),
  currency    char(3) not null,
  held_on     date    not null,
  ended_on    date
);

create table invoice (
  id                      uuid    primary key,
  entity_id               uuid    not null references entity,
  order_id                uuid    not null references sales_order,
  activity_id             uuid    not null references activity,
  member_id               uuid    not null,
  buyer_id                uuid    not null references party,
  type_code               text    not null check (type_code in ('380', '381')),
  series                  text    not null,
  year                    int     not null,
  counter                 int     not null check (counter > 0),
  number                  text    not null,
  issue_date              date    not null,
  payment_due_date        date,
  currency                char(3) not null,
  total_without_vat_minor bigint  not null,
  total_vat_minor         bigint  not null,
  total_with_vat_minor    bigint  not null,
  contribution_minor      bigint  not null,
  reference               text    not null unique,
  language                text    not null,
  -- The canonical model as it was issued: documents are made from it, and it is never edited.
  content                 jsonb   not null,
  check (total_with_vat_minor = total_without_vat_minor + total_vat_minor),
  unique (entity_id, series, year, counter),
  unique (entity_id, number)
);
create unique index one_invoice_an_order on invoice (order_id) where type_code = '380';
create index on invoice (entity_id, id);

-- Bytes as they were sent; added once, never changed.
create table invoice_document (
  invoice_id uuid  not null references invoice,
  kind       text  not null check (kind in ('ubl', 'pdf')),
  media_type text  not null,
  content    bytea not null,
  sha256     text  not null,
  rule_set   text  not null,
  primary key (invoice_id, kind)
);

create function issued_is_issued() returns trigger language plpgsql as $$
begin
  raise exception 'an issued invoice and its documents are never changed';
end $$;
create trigger issued_is_issued before update or delete or truncate on invoice
  for each statement execute function issued_is_issued();
create trigger issued_is_issued before update or delete or truncate on invoice_document
  for each statement execute function issued_is_issued();

-- How far the invoice is on its way to the buyer; `reference` is the network's own, `evidence` what it said.
create table transmission (
  invoice_id uuid  primary key references invoice,
  state      text  not null check (state in ('waiting', 'sent', 'delivered', 'by_mail', 'failed')),
  reference  text,
  evidence   jsonb not null default '{}',
  changed_on date  not null
);

create table bank_statement (
  id             uuid    primary key,
  entity_id      uuid    not null references entity,
  bank_id        text    not null,
  iban           text    not null,
  opening_minor  bigint  not null,
  closing_minor  bigint  not null,
  currency       char(3) not null,
  line_count     int     not null check (line_count >= 0),
  imported_on    date    not null,
  sha256         text    not null
);
create index on bank_statement (entity_id, id);

-- A line is known by the bank's own reference: the statement of a day may come again, longer.
create table bank_line (
  id              uuid    primary key,
  statement_id    uuid    not null references bank_statement,
  entity_id       uuid    not null references entity,
  iban            text    not null,
  bank_reference  text    not null,
  booking_date    date    not null,
  amount_minor    bigint  not null,
  currency        char(3) not null,
  reference       text    not null,
  outcome         text    not null check (outcome in ('full', 'partial', 'over', 'settled', 'unknown',
                                                      'for_members', 'not_a_receipt')),
  invoice_id      uuid    references invoice,
  to_invoice_minor  bigint not null default 0 check (to_invoice_minor >= 0),
  to_suspense_minor bigint not null default 0 check (to_suspense_minor >= 0),
  check (to_invoice_minor = 0 or invoice_id is not null),
  check (to_invoice_minor + to_suspense_minor <= greatest(amount_minor, 0)),
  unique (iban, bank_reference)
);
create index on bank_line (statement_id, id);
create index on bank_line (invoice_id);
