-- name: insert_order :value
-- Null where the order was confirmed before.
insert into confirmed_order
  (id, entity_id, activity_id, member_id, buyer_id, buyer_country, confirmed_by, price_minor, contribution_minor,
   currency, confirmed_on)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict do nothing
returning id;

-- name: insert_verdict :exec
insert into cover_verdict (order_id, covered, cover_minor, currency, decided_on, reasons)
values ($1, $2, $3, $4, $5, $6);

-- name: lock_order :one
-- Locked: everything that moves the wages of one order happens one after the other.
select o.id, o.entity_id, o.currency, o.cancelled_on, v.covered
from confirmed_order o
join cover_verdict v on v.order_id = o.id
where o.id = $1
for update of o;

-- name: mark_order_cancelled :exec
update confirmed_order
set cancelled_on = $2
where id = $1;

-- name: keep_cover_of_part :exec
update confirmed_order
set kept_minor = $2
where id = $1;

-- name: refresh_exposure :exec
-- The cover, or what was invoiced if that is more, until the client pays; at least what is held and advanced.
update confirmed_order
set exposure_minor = greatest(
  case
    when v.covered and confirmed_order.cancelled_on is null
      and not exists (select from invoice i where i.order_id = v.order_id and i.credited_on is not null)
      and not exists (select from write_off f where f.order_id = v.order_id and f.carried_on is not null)
    then greatest(least(v.cover_minor, confirmed_order.kept_minor), invoiced.minor) - invoiced.received_minor
    else 0
  end,
  wages.minor
)
from cover_verdict v,
  lateral (
    select coalesce(sum(i.wage_part_minor), 0)::bigint as minor,
           coalesce(sum(least(i.paid_minor, i.wage_part_minor)), 0)::bigint as received_minor
    from invoice i
    where i.order_id = v.order_id
  ) as invoiced,
  lateral (
    select coalesce(sum(w.held_minor + w.advanced_minor - w.recovered_minor - w.lost_minor), 0)::bigint as minor
    from wage_process w
    where w.order_id = v.order_id
  ) as wages
where v.order_id = $1
  and confirmed_order.id = v.order_id;

-- name: exposure :one
select coalesce(sum(exposure_minor), 0)::bigint as minor,
       coalesce(sum(exposure_minor) filter (where buyer_id = $2), 0)::bigint as buyer_minor,
       coalesce(sum(exposure_minor) filter (where member_id = $3), 0)::bigint as member_minor
from confirmed_order
where entity_id = $1
  and exposure_minor > 0;

-- name: buyer_credit_status :value
-- From what the fund has seen of this buyer in this entity: a default weighs most, a claim more than an invoice that
-- was paid. A buyer whose invoice was taken back owes nothing for it.
select case
  when exists (select from client_default d where d.buyer_id = $1 and d.entity_id = $2) then 'defaulted'
  when exists (
    select from confirmed_order o
    join wage_process w on w.order_id = o.id
    where o.buyer_id = $1 and o.entity_id = $2 and w.state in ('recovery_opened', 'loss_carried')
      and not exists (select from invoice i where i.order_id = o.id and i.credited_on is not null)
  ) then 'in_recovery'
  when exists (
    select from confirmed_order o
    join invoice i on i.order_id = o.id
    where o.buyer_id = $1 and o.entity_id = $2 and i.paid_minor = i.total_minor
  ) then 'good'
  else 'unknown'
end;

-- name: insert_invoice :value
-- Null where the invoice was issued before.
insert into invoice (id, number, order_id, entity_id, total_minor, wage_part_minor, currency)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
returning id;

-- name: lock_invoice :one
select id, order_id, total_minor, wage_part_minor, paid_minor, currency
from invoice
where id = $1
for update;

-- name: mark_invoice_credited :value
-- Null where it was credited before.
update invoice
set credited_on = $2
where id = $1
  and credited_on is null
returning id;

-- name: mark_invoice_paid :exec
update invoice
set paid_minor = $2
where id = $1;

-- name: verdicts_by_order :many
select v.order_id::text, o.member_id::text, v.covered, v.cover_minor, v.currency, v.decided_on, v.reasons
from cover_verdict v
join confirmed_order o on o.id = v.order_id
where v.order_id = any($1::uuid[]);

-- name: insert_client_default :value
-- Null where it was known before.
insert into client_default (buyer_id, entity_id, reason, defaulted_on)
values ($1, $2, $3, $4)
on conflict do nothing
returning buyer_id;

-- name: orders_of_buyer :many
select id
from confirmed_order
where buyer_id = $1
  and entity_id = $2
order by id;

-- name: insert_write_off :value
-- Null where giving up is proposed for this order already, and nobody has decided.
insert into write_off (id, order_id, entity_id, proposed_minor, currency, proposed_on)
values ($1, $2, $3, $4, $5, $6)
on conflict (order_id) where carried_on is null do nothing
returning id;

-- name: lock_write_off :one
select id, carried_on
from write_off
where id = $1
for update;

-- name: mark_write_off_carried :exec
update write_off
set carried_minor = $2,
    carried_on = $3
where id = $1;
