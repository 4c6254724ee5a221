-- name: insert_payment_hint :exec
insert into payment_hint (payment_id, invoice_id)
values ($1, $2);

-- name: lock_payment :one
-- Locked until commit: two people decide on one payment one after the other.
select l.id, l.entity_id, l.currency, l.to_suspense_minor, l.invoice_id, e.iban
from bank_line l
join entity e on e.id = l.entity_id
where l.id = $1
for update of l;

-- name: open_of_payment :value
-- Null where nothing of it ever was in suspense.
select open_minor
from payment_open
where payment_id = $1;

-- name: insert_payment_decision :exec
insert into payment_decision (id, payment_id, entity_id, kind, amount_minor, currency, invoice_id, buyer_id, reference,
                              decided_on, decided_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: refund_by_reference :one
-- What is to go back under a reference and has not gone yet.
select d.id, d.payment_id, d.amount_minor, d.currency
from payment_decision d
where d.reference = $1
  and d.entity_id = $2
  and not exists (select from refund_transfer t where t.decision_id = d.id)
for update of d;

-- name: insert_refund_transfer :exec
insert into refund_transfer (decision_id, payment_id)
values ($1, $2);

-- name: payments_by_key :many
select l.id::text, l.entity_id::text, l.booking_date, l.amount_minor, l.currency, l.reference, l.outcome,
       l.invoice_id::text, coalesce(o.open_minor, 0) as open_minor, o.kept_for::text
from bank_line l
left join payment_open o on o.payment_id = l.id
where l.id = any($1::uuid[]);

-- name: unallocated_payments :many
-- Oldest first: what waits longest is looked at first. Of one client for whom it is kept, or all where $5 is null.
select l.id::text, l.entity_id::text, l.booking_date, l.amount_minor, l.currency, l.reference, l.outcome,
       l.invoice_id::text, o.open_minor, o.kept_for::text
from bank_line l
join payment_open o on o.payment_id = l.id
where l.entity_id = $1
  and l.to_suspense_minor > 0
  and o.open_minor > 0
  and ($2::date is null or (l.booking_date, l.id) > ($2, $3::uuid))
  and ($5::boolean is null or (o.kept_for is not null) = $5)
order by l.booking_date, l.id
limit $4;

-- name: decisions_by_payment :many
select d.payment_id::text, d.kind, d.amount_minor, d.currency, d.invoice_id::text, d.buyer_id::text, d.reference,
       d.decided_on, sent.booking_date as sent_on
from payment_decision d
left join refund_transfer t on t.decision_id = d.id
left join bank_line sent on sent.id = t.payment_id
where d.payment_id = any($1::uuid[])
order by d.payment_id, d.id
limit 10000;

-- name: candidates_by_payment :many
-- Open invoices that a payment may be for. Each way to find some looks at a bounded number of invoices.
select l.id::text as payment_id, o.open_minor, i.id::text as invoice_id, i.number, i.total_with_vat_minor
         - s.paid_minor - s.credited_minor as due_minor, i.currency,
       exists (select from payment_hint h where h.payment_id = l.id and h.invoice_id = i.id) as is_named,
       coalesce(i.buyer_id in (o.kept_for, (select m.buyer_id from invoice m where m.id = l.invoice_id)), false)
         as is_same_client
from bank_line l
join payment_open o on o.payment_id = l.id
cross join lateral (
  select h.invoice_id as id from payment_hint h where h.payment_id = l.id
  union
  (select c.id
   from invoice c
   where c.buyer_id in (o.kept_for, (select m.buyer_id from invoice m where m.id = l.invoice_id))
     and c.entity_id = l.entity_id
   order by c.id desc
   limit 50)
  union
  (select a.id
   from invoice a
   where a.entity_id = l.entity_id and a.type_code = '380' and a.total_with_vat_minor >= o.open_minor
   order by a.total_with_vat_minor, a.id desc
   limit 100)
  union
  (select b.id
   from invoice b
   where b.entity_id = l.entity_id and b.type_code = '380' and b.total_with_vat_minor < o.open_minor
   order by b.total_with_vat_minor desc, b.id desc
   limit 100)
  union
  (select p.invoice_id
   from bank_line p
   where p.entity_id = l.entity_id and p.outcome = 'partial'
   order by p.id desc
   limit 100)
) as candidate
join invoice i on i.id = candidate.id
join invoice_settlement s on s.invoice_id = i.id
where l.id = any($1::uuid[])
  and o.open_minor > 0
  and i.currency = l.currency
  and i.type_code = '380'
  and i.total_with_vat_minor > s.paid_minor + s.credited_minor
order by l.id, i.id;
