-- name: insert_payment_file :exec
insert into payment_file
  (id, message_id, entity_id, scheme, execution_date, payment_count, total_minor, currency, created_on, document)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: insert_payment_order :exec
insert into payment_order
  (id, payslip_id, file_id, end_to_end_id, amount_minor, currency, source, funded_on)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: is_payment_ordered :value
select exists (select from payment_order where payslip_id = $1);

-- name: payment_file_document :one
select id, message_id, document
from payment_file
where id = $1;

-- name: payment_for_update :one
-- Locked, so that a wage is found paid or returned once.
select o.id, o.payslip_id, o.end_to_end_id, o.amount_minor, o.currency, o.paid_on, o.returned_on, f.execution_date,
       p.contract_id, p.order_id, p.entity_id
from payment_order o
join payment_file f on f.id = o.file_id
join payslip p on p.id = o.payslip_id
where o.payslip_id = $1
for update of o;

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
       count(o.paid_on)::int as paid, count(o.returned_on)::int as returned
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
