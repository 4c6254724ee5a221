-- name: insert_payment :exec
-- A file of one transfer, and the order that it carries out: in one round trip, a month has tens of thousands.
with file as (
  insert into payment_file
    (id, message_id, entity_id, scheme, execution_date, payment_count, total_minor, currency, created_on, document)
  values ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9)
  returning id, total_minor, currency
)
insert into payment_order
  (id, payslip_id, file_id, end_to_end_id, amount_minor, currency, source, funded_on, attempt)
select $10, $11, file.id, $12, file.total_minor, file.currency, $13, $14, $15
from file;

-- name: payment_file_document :one
select id, message_id, document
from payment_file
where id = $1;

-- name: payment_place :one
-- Whose wage a transfer pays: what is locked before the order itself is.
select o.payslip_id, p.contract_id, p.member_id
from payment_order o
join payslip p on p.id = o.payslip_id
where o.end_to_end_id = $1;

-- name: payment_for_update :one
-- Locked, so that a wage is found paid or returned once.
select o.id, o.payslip_id, o.attempt, o.end_to_end_id, o.amount_minor, o.currency, o.source, o.funded_on, o.paid_on,
       o.returned_on, o.replaced_on, f.execution_date, p.contract_id, p.order_id, p.entity_id, p.member_id,
       p.kind
from payment_order o
join payment_file f on f.id = o.file_id
join payslip p on p.id = o.payslip_id
where o.end_to_end_id = $1
for update of o;

-- name: current_payment_for_update :one
-- Locked, so that a returned wage is ordered again once.
select o.id, o.payslip_id, o.attempt, o.source, o.funded_on, o.paid_on, o.returned_on
from payment_order o
where o.payslip_id = $1
  and o.replaced_on is null
for update;

-- name: returned_payments_of_member :many
-- Locked like each of them, the earliest first.
select o.id, o.payslip_id, o.attempt, o.source, o.funded_on, o.paid_on, o.returned_on, o.file_id, f.document
from payment_order o
join payment_file f on f.id = o.file_id
join payslip p on p.id = o.payslip_id
where p.member_id = $1
  and o.returned_on is not null
  and o.replaced_on is null
order by o.id
for update of o;

-- name: replace_payment :exec
update payment_order
set replaced_on = $2
where id = $1;

-- name: mark_wage_paid :exec
update payment_order
set paid_on = $2
where id = $1;

-- name: mark_wage_returned :exec
update payment_order
set returned_on = $2, return_reason = $3
where id = $1;

-- name: find_payment_files :many
select f.id::text, f.message_id, f.entity_id::text, f.scheme, f.execution_date, f.payment_count, f.total_minor,
       f.currency, f.created_on,
       (count(o.paid_on) filter (where o.returned_on is null))::int as paid, count(o.returned_on)::int as returned
from payment_file f
join payment_order o on o.file_id = f.id
where f.entity_id = $1
  and ($2::uuid is null or f.id > $2)
group by f.id
order by f.id
limit $3;

-- name: payment_files_by_key :many
select f.id::text, f.document, array_agg(distinct p.member_id::text) as members
from payment_file f
join payment_order o on o.file_id = f.id
join payslip p on p.id = o.payslip_id
where f.id = any($1::uuid[])
group by f.id;

-- name: count_wages_due_unpaid :one
-- By the business day of each entity. `hours` until the first due day of any unpaid wage begins: it may be weeks off.
select (count(*) filter (where unpaid.due_date <= unpaid.now::date))::int as count,
       min(unpaid.due_date::timestamp at time zone unpaid.time_zone) as since,
       (min(extract(epoch from unpaid.due_date::timestamp - unpaid.now)) / 3600)::float8 as hours
from (
  select p.due_date, b.time_zone, coalesce(b.day::timestamp, $1::timestamptz at time zone b.time_zone) as now
  from contract c
  join payslip p on p.contract_id = c.id
  join business_day b on b.entity_id = c.entity_id
  where c.ended_on is not null
    and c.paid_on is null
    and p.kind = 'wage'
    and p.net_payable_minor > 0
  union all
  select p.due_date, b.time_zone, coalesce(b.day::timestamp, $1::timestamptz at time zone b.time_zone)
  from payslip p
  join business_day b using (entity_id)
  where p.kind = 'correction'
    and not exists (
      select from payment_order o where o.payslip_id = p.id and o.paid_on is not null and o.returned_on is null
    )
) as unpaid;
