-- Money that no invoice took: what it may be for, what a person decided about it, and what is settled of an invoice.

-- The invoices whose number stood in the free text of a payment; the text itself is not kept.
create table payment_hint (
  payment_id uuid not null references bank_line,
  invoice_id uuid not null references invoice,
  primary key (payment_id, invoice_id)
);

-- What a person decided about money in suspense: it pays an invoice, it goes back, or it stays for a client.
-- What is kept for a client stays in suspense and may pay an invoice of the client later.
create table payment_decision (
  id           uuid    primary key,
  payment_id   uuid    not null references bank_line,
  entity_id    uuid    not null references entity,
  kind         text    not null check (kind in ('allocated', 'refunded', 'kept')),
  amount_minor bigint  not null check (amount_minor > 0),
  currency     char(3) not null,
  invoice_id   uuid    references invoice,
  buyer_id     uuid    references party,
  -- What the transfer that gives the money back says, so that the bank's statement proves it.
  reference    text    constraint one_refund_a_reference unique,
  decided_on   date    not null,
  decided_by   text    not null,
  check ((kind = 'allocated') = (invoice_id is not null)),
  check ((kind = 'kept') = (buyer_id is not null)),
  check ((kind = 'refunded') = (reference is not null))
);
create index on payment_decision (payment_id, id);
create index on payment_decision (invoice_id) where invoice_id is not null;

-- Nobody may decide on more than there is, not even twice at once: the payment's row is locked while it is counted.
create function decide_on_what_is_there() returns trigger language plpgsql as $$
declare
  there bigint;
  gone  bigint;
begin
  select to_suspense_minor into there from bank_line where id = new.payment_id for update;
  select coalesce(sum(amount_minor), 0) into gone
  from payment_decision
  where payment_id = new.payment_id and kind in ('allocated', 'refunded');
  if gone + new.amount_minor > there then
    raise exception 'a decision is about money that is in suspense' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger decide_on_what_is_there before insert on payment_decision
  for each row execute function decide_on_what_is_there();

create function a_decision_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'a decision about a payment is never changed';
end $$;
create trigger a_decision_is_kept before update or delete or truncate on payment_decision
  for each statement execute function a_decision_is_kept();

-- The transfer that gave the money back, once the statement shows it.
create table refund_transfer (
  decision_id uuid primary key references payment_decision,
  payment_id  uuid not null unique references bank_line
);

alter table bank_line drop constraint bank_line_outcome_check;
alter table bank_line add constraint bank_line_outcome_check check (
  outcome in ('full', 'partial', 'over', 'settled', 'unknown', 'for_members', 'not_a_receipt', 'refund'));

-- What is left of a payment for a person to decide on; kept for a client is the last client that somebody named.
create view payment_open as
select l.id as payment_id, l.entity_id, l.currency, l.booking_date,
       l.to_suspense_minor - gone.minor as open_minor, kept.buyer_id as kept_for
from bank_line l
cross join lateral (
  select coalesce(sum(d.amount_minor), 0)::bigint as minor
  from payment_decision d
  where d.payment_id = l.id and d.kind in ('allocated', 'refunded')
) as gone
left join lateral (
  select d.buyer_id
  from payment_decision d
  where d.payment_id = l.id and d.kind = 'kept'
  order by d.id desc
  limit 1
) as kept on true
where l.to_suspense_minor > 0;
create index on bank_line (entity_id, booking_date, id) where to_suspense_minor > 0;

-- What happened to the amount due of each invoice since it was issued; `overpaid_minor` came with its reference and
-- waits in suspense.
create view invoice_settlement as
select i.id as invoice_id,
       (paid.minor + allocated.minor)::bigint as paid_minor,
       credited.minor::bigint as credited_minor,
       0::bigint as written_off_minor,
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
) as overpaid;
create index on invoice (entity_id, total_with_vat_minor) where type_code = '380';
create index on invoice (buyer_id, id);
create index on bank_line (entity_id, id) where outcome = 'partial';

alter table ledger.account drop constraint invoicing_account_kinds;
alter table ledger.account add constraint invoicing_account_kinds
  check (kind in ('buyer', 'budget', 'contribution', 'labor', 'vat', 'bank', 'suspense', 'guarantee', 'refund',
                  'loss'));
