-- Persons, their memberships of legal entities, and the share register of each entity.

create table entity (
  id         uuid    primary key,
  name       text    not null,
  legal_form text    not null,
  currency   char(3) not null,
  iban       text    not null
);

-- A person: one row a subject of the identity provider, whatever entities the person belongs to.
create table member (
  id          uuid primary key,
  subject     text not null unique,
  given_name  text not null,
  family_name text not null,
  email       text not null,
  language    text not null,
  birth_date  date not null
);

-- The door is open: an application is a membership from the first day, admitted when the first share is paid.
create table membership (
  id          uuid primary key,
  member_id   uuid not null references member,
  entity_id   uuid not null references entity,
  category    text not null,
  applied_on  date not null,
  admitted_on date check (admitted_on >= applied_on),
  constraint one_membership_per_entity unique (member_id, entity_id)
);
create index on membership (entity_id, member_id);

-- The country's payment references: one counter, so that no two payments can be confused.
create table reference_counter (
  only_row boolean primary key default true check (only_row),
  last     bigint  not null default 0 check (last between 0 and 999999999)
);
insert into reference_counter default values;

create table share_subscription (
  id                uuid    primary key,
  member_id         uuid    not null references member,
  entity_id         uuid    not null references entity,
  category          text    not null,
  quantity          int     not null check (quantity > 0),
  share_value_minor bigint  not null check (share_value_minor > 0),
  currency          char(3) not null,
  reference         text    not null unique,
  subscribed_on     date    not null,
  pay_by            date    not null,
  paid_on           date,
  cancelled_on      date,
  check (paid_on is null or cancelled_on is null)
);
create index on share_subscription (member_id);

create table register_counter (
  entity_id uuid primary key references entity,
  last      int  not null default 0
);

-- The register: numbered without a gap per entity, added to and never changed.
create table register_entry (
  entity_id       uuid    not null references entity,
  number          int     not null check (number > 0),
  member_id       uuid    not null references member,
  kind            text    not null check (kind in ('paid', 'reversed', 'transferred_out', 'transferred_in',
                                                   'converted', 'redemption_requested', 'redemption_paid')),
  quantity        int     not null check (quantity >= 0),
  amount_minor    bigint  not null check (amount_minor >= 0),
  currency        char(3) not null,
  category        text    not null,
  effective_on    date    not null,
  recorded_on     date    not null check (recorded_on >= effective_on),
  counterpart_id  uuid,
  subscription_id uuid    references share_subscription,
  of_number       int,
  reason          text,
  primary key (entity_id, number)
);
create index on register_entry (member_id, entity_id, number);
create unique index shares_enter_once on register_entry (subscription_id) where kind = 'paid';

create function register_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the share register is added to and never changed';
end $$;
create trigger register_is_append_only before update or delete or truncate on register_entry
  for each statement execute function register_is_append_only();

-- Payments with a reference of ours that pay no shares: a person looks at each.
create table unmatched_payment (
  payment_id      uuid    primary key,
  entity_id       uuid    not null,
  reference       text    not null,
  amount_minor    bigint  not null,
  currency        char(3) not null,
  received_on     date    not null,
  reason          text    not null,
  subscription_id uuid    references share_subscription
);
create index on unmatched_payment (entity_id, payment_id);
