-- Reminders, clients who will not pay any more, and invoices whose rest was given up.

-- How often a client was reminded of an invoice; once a level.
create table reminder (
  invoice_id uuid not null references invoice,
  level      int  not null check (level > 0),
  noted_on   date not null,
  primary key (invoice_id, level)
);

create table client_default (
  party_id     uuid primary key references party,
  entity_id    uuid not null references entity,
  reason       text not null check (reason in ('bankruptcy', 'insolvency', 'refusal_to_pay')),
  defaulted_on date not null,
  declared_on  date not null,
  declared_by  text not null
);
create index on party (entity_id, vat_number) where vat_number <> '';

-- What was given up of an invoice, as it was then. What comes later is taken: see invoice_settlement.
-- `loss_minor` is what of it stood in the books: the price of an order without cover is booked when it is paid.
create table write_off (
  invoice_id     uuid   primary key references invoice,
  write_off_id   uuid   not null,
  amount_minor   bigint not null check (amount_minor > 0),
  loss_minor     bigint not null check (loss_minor between 0 and amount_minor),
  currency       char(3) not null,
  written_off_on date   not null
);

-- As before; what was given up counts as long as it has not come after all.
create or replace view invoice_settlement as
select i.id as invoice_id,
       (paid.minor + allocated.minor)::bigint as paid_minor,
       credited.minor::bigint as credited_minor,
       case
         when given_up.amount_minor is null then 0
         else greatest(
           least(given_up.amount_minor, i.total_with_vat_minor - paid.minor - allocated.minor - credited.minor), 0)
       end::bigint as written_off_minor,
       overpaid.minor::bigint as overpaid_minor
from invoice i
cross join lateral (
  select coalesce(sum(l.to_invoice_minor), 0) as minor from bank_line l where l.invoice_id = i.id
) as paid
cross join lateral (
  select coalesce(sum(d.amount_minor), 0) as minor from payment_decision d where d.invoice_id = i.id
) as allocated
cross join lateral (
  select coalesce(sum(c.total_with_vat_minor), 0) as minor from invoice c where c.preceding_invoice_id = i.id
) as credited
cross join lateral (
  select coalesce(sum(o.open_minor), 0) as minor
  from bank_line l
  join payment_open o on o.payment_id = l.id
  where l.invoice_id = i.id
) as overpaid
left join write_off given_up on given_up.invoice_id = i.id;
