-- Clients who will not pay any more, and what the fund asks to be given up.

-- Copied from invoicing. Such a client is not covered again, whatever comes in later.
create table client_default (
  buyer_id     uuid not null,
  entity_id    uuid not null,
  reason       text not null,
  defaulted_on date not null,
  primary key (buyer_id, entity_id)
);

-- A claim that is proposed to be given up; governance decides. One at a time for an order.
create table write_off (
  id             uuid    primary key,
  order_id       uuid    not null references confirmed_order,
  entity_id      uuid    not null references entity,
  proposed_minor bigint  not null check (proposed_minor > 0),
  currency       char(3) not null,
  proposed_on    date    not null,
  carried_minor  bigint  check (carried_minor >= 0),
  carried_on     date,
  check ((carried_minor is null) = (carried_on is null))
);
create unique index one_open_write_off_an_order on write_off (order_id) where carried_on is null;
