-- name: next_number :one
-- The counter row stays locked until commit, so the series has no gap. The date is that of the latest document
-- of the series, this one included: later than its own where a later one has a number already.
insert into number_counter (entity_id, series, year, last, last_issue_date)
values ($1, $2, $3, 1, $4)
on conflict (entity_id, series, year) do update
set last = number_counter.last + 1,
    last_issue_date = greatest(number_counter.last_issue_date, excluded.last_issue_date)
returning last, last_issue_date;

-- name: insert_order :exec
insert into sales_order (id, entity_id, activity_id, member_id, buyer_id, number, title, currency, language,
                         buyer_reference, payment_term_days, price_minor, contribution_minor, valid_until,
                         drafted_on)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: insert_order_line :exec
insert into order_line (order_id, position, description, nature, first_day, last_day, quantity, unit, unit_price)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: order_lines :many
select position, description, nature, first_day, last_day, quantity, unit, unit_price, done_quantity
from order_line
where order_id = $1
order by position;

-- name: order_for_update :one
select *
from sales_order
where id = $1
for update;

-- name: order :one
select *
from sales_order
where id = $1;

-- name: order_contribution_minor :value
select contribution_minor
from sales_order
where id = $1;

-- name: mark_order_sent :exec
update sales_order
set sent_on = $2,
    sent_at = $3
where id = $1;

-- name: mark_order_confirmed :exec
update sales_order
set confirmed_by = $2,
    confirmed_name = $3,
    consent = $4,
    confirmed_on = $5,
    contribution_minor = $6
where id = $1;

-- name: mark_order_cancelled :exec
update sales_order
set cancel_reason = $2,
    is_refusal = $3,
    cancelled_on = $4
where id = $1;

-- name: mark_line_done :exec
update order_line
set done_quantity = $3
where order_id = $1
  and position = $2;

-- name: mark_part_done :exec
update sales_order
set done_price_minor = $2,
    done_contribution_minor = $3
where id = $1;

-- name: undecided_orders_of_member :many
select id
from sales_order
where member_id = $1
  and entity_id = $2
  and confirmed_on is null
  and cancelled_on is null
order by id;

-- name: mark_order_cover :exec
update sales_order
set is_covered = $2,
    cover_reasons = $3,
    cover_decided_on = $4
where id = $1
  and cover_decided_on is null;

-- name: mark_order_done :exec
update sales_order
set done_on = $2
where id = $1;

-- name: orders_by_key :many
select *
from sales_order
where id = any($1::uuid[]);

-- name: order_lines_by_order :many
select order_id::text, position, description, nature, first_day, last_day, quantity, unit, unit_price, done_quantity
from order_line
where order_id = any($1::uuid[])
order by order_id, position;

-- name: orders_of_activity :many
select *
from sales_order
where activity_id = $1
  and ($2::uuid is null or id > $2)
order by id
limit $3;

-- name: order_mail :one
select o.id, o.number, o.title, o.language, o.sent_at, o.valid_until, e.simulated, e.name as seller_name, p.email
from sales_order o
join entity e on e.id = o.entity_id
join party p on p.id = o.buyer_id
where o.id = $1;
