-- name: insert_wage :exec
insert into wage_process
  (id, order_id, entity_id, state, currency, payslip_id, contract_id, member_id, labor_cost_minor, due_date,
   held_minor, collected_minor, funded_minor, advanced_minor, recovered_minor, lost_minor, is_wage_paid, hold_id,
   source, funded_on)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- name: update_wage :exec
update wage_process
set state = $4, currency = $5, payslip_id = $6, contract_id = $7, member_id = $8, labor_cost_minor = $9,
    due_date = $10, held_minor = $11, collected_minor = $12, funded_minor = $13, advanced_minor = $14,
    recovered_minor = $15, lost_minor = $16, is_wage_paid = $17, hold_id = $18, source = $19, funded_on = $20
where id = $1
  and order_id = $2
  and entity_id = $3;

-- name: wages_of_order :many
-- Read while the order is locked.
select id, order_id, entity_id, state, currency, payslip_id, contract_id, member_id, labor_cost_minor, due_date,
       held_minor, collected_minor, funded_minor, advanced_minor, recovered_minor, lost_minor, is_wage_paid, hold_id,
       source, funded_on
from wage_process
where order_id = $1
order by id;

-- name: order_of_payslip :value
select order_id
from wage_process
where payslip_id = $1;

-- name: wages_by_payslip :many
select payslip_id::text, order_id::text, member_id::text, state, due_date, labor_cost_minor, currency, source,
       funded_on, hold_id is not null, is_wage_paid
from wage_process
where payslip_id = any($1::uuid[]);

-- name: wages_due :many
select payslip_id::text, order_id::text, member_id::text, state, due_date, labor_cost_minor, currency, source,
       funded_on, hold_id is not null, is_wage_paid
from wage_process
where entity_id = $1
  and payslip_id is not null
  and funded_on is null
  and ($2::date is null or (due_date, payslip_id) > ($2, $3::uuid))
order by due_date, payslip_id
limit $4;

-- name: insert_advance :exec
insert into advance (id, payslip_id, order_id, entity_id, amount_minor, currency, granted_on)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: advance_of_payslip :value
select id
from advance
where payslip_id = $1;

-- name: insert_recovery :exec
insert into recovery (advance_id, payment_ref, amount_minor, recovered_on)
values ($1, $2, $3, $4);

-- name: advances_by_key :many
select a.id::text, a.entity_id::text, a.order_id::text, a.payslip_id::text, a.amount_minor, a.currency, a.granted_on,
       w.state, w.recovered_minor, w.lost_minor
from advance a
join wage_process w on w.payslip_id = a.payslip_id
where a.id = any($1::uuid[]);

-- name: advances_of_entity :many
select a.id::text, a.entity_id::text, a.order_id::text, a.payslip_id::text, a.amount_minor, a.currency, a.granted_on,
       w.state, w.recovered_minor, w.lost_minor
from advance a
join wage_process w on w.payslip_id = a.payslip_id
where a.entity_id = $1
  and ($2::uuid is null or a.id > $2)
order by a.id
limit $3;

-- name: count_wages_due_unfunded :one
-- By the business day of each entity. `hours` until the first due day of any unfunded wage begins.
select (count(*) filter (where unfunded.due_date <= unfunded.now::date))::int as count, null::timestamptz as since,
       (min(extract(epoch from unfunded.due_date::timestamp - unfunded.now)) / 3600)::float8 as hours
from (
  select w.due_date, coalesce(b.day::timestamp, $1::timestamptz at time zone b.time_zone) as now
  from wage_process w
  join business_day b using (entity_id)
  where w.payslip_id is not null
    and w.funded_on is null
) as unfunded;

-- name: count_wages_unbacked :one
-- On their day there would be nothing to post: no hold of the fund, and less collected than they cost.
select count(*)::int as count, null::timestamptz as since,
       (min(extract(epoch from w.due_date::timestamp
         - coalesce(b.day::timestamp, $1::timestamptz at time zone b.time_zone))) / 3600)::float8 as hours
from wage_process w
join business_day b using (entity_id)
where w.payslip_id is not null
  and w.funded_on is null
  and w.hold_id is null
  and w.collected_minor < w.labor_cost_minor;

-- name: count_holds_without_wage :one
-- A hold and the row that names it are written in one transaction: there is nothing to wait for.
select count(*)::int as count, min(journal.created) as since
from ledger.transfer as hold
join ledger.journal on journal.id = hold.journal
where hold.kind = 'hold'
  and journal.created < $1::timestamptz
  and not exists (select from ledger.transfer as ended where ended.of = hold.id and ended.kind in ('post', 'void'))
  and not exists (select from wage_process where wage_process.hold_id = hold.id);
