-- name: insert_fund :exec
insert into fund (entity_id, name, opened_on)
values ($1, $2, $3);

-- name: is_fund_open :value
select true
from fund
where entity_id = $1;

-- name: fund_accounts :many
select id, code
from ledger.account
where owner = $1;

-- name: fund_balance_minor :value
-- Null where the entity has no fund.
select balance.posted
from ledger.account
join ledger.balance on balance.account = account.id
where account.code = $1;

-- name: funds_by_key :many
select fund.entity_id::text, fund.name, fund.opened_on, account.currency, balance.posted, balance.held
from fund
join ledger.account on account.code = fund.entity_id || ':fund'
join ledger.balance on balance.account = account.id
where fund.entity_id = any($1::uuid[]);

-- name: standings_by_fund :many
-- What the fund stands for, what it has, and the last day on which it was told that this is too little.
select fund.entity_id::text, account.currency, balance.posted,
       coalesce((select sum(o.exposure_minor) from confirmed_order o
                 where o.entity_id = fund.entity_id and o.exposure_minor > 0), 0)::bigint as exposure_minor,
       (select max(w.noted_on) from fund_warning w where w.entity_id = fund.entity_id) as warned_on
from fund
join ledger.account on account.code = fund.entity_id || ':fund'
join ledger.balance on balance.account = account.id
where fund.entity_id = any($1::uuid[]);

-- name: movements_by_fund :many
-- The newest first. The reference of a journal begins with the payslip or the invoice it is about.
select account.owner::text as fund, journal.effective, journal.code, entry.amount, entry.currency,
       entry.balance_after, coalesce(wage.order_id, invoice.order_id)::text as order_id
from unnest($1::uuid[]) as wanted (entity_id)
join ledger.account on account.code = wanted.entity_id || ':fund'
cross join lateral (
  select entry.journal, entry.amount, entry.currency, entry.balance_after, entry.version
  from ledger.entry
  where entry.account = account.id
  order by entry.version desc
  limit $2
) as entry
join ledger.journal on journal.id = entry.journal
left join wage_process as wage on wage.payslip_id = split_part(journal.ref, ':', 1)::uuid
left join invoice on invoice.id = split_part(journal.ref, ':', 1)::uuid
order by account.owner, entry.version desc;

-- name: insert_contribution :value
-- Null where the contribution of this invoice was levied before.
insert into contribution (invoice_id, entity_id, levied_minor, fund_part_minor, currency, levied_on)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning invoice_id;

-- name: contributions_to_book :many
select invoice_id, fund_part_minor, currency
from contribution
where entity_id = $1
  and booked_on is null
  and reversed_on is null
order by invoice_id
limit $2
for update;

-- name: mark_contributions_booked :exec
update contribution
set booked_on = $2
where invoice_id = any($1::uuid[]);

-- name: reverse_contribution :one
-- Nothing where none was levied, or where it was given back before.
update contribution
set reversed_on = $2
where invoice_id = $1
  and reversed_on is null
returning fund_part_minor, currency, booked_on;

-- name: insert_fund_warning :value
-- Null where it was told today already.
insert into fund_warning (entity_id, noted_on, balance_minor, reserve_minor, currency)
values ($1, $2, $3, $4, $5)
on conflict do nothing
returning entity_id;

-- name: insert_variance :value
-- Null where this step was told before.
insert into labor_cost_variance (contract_id, number, entity_id, change_minor, currency, corrected_on)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning contract_id;

-- name: variances_to_book :many
select contract_id, number, change_minor, currency
from labor_cost_variance
where entity_id = $1
  and booked_on is null
order by contract_id, number
limit $2
for update;

-- name: mark_variance_booked :exec
update labor_cost_variance
set booked_on = $3
where contract_id = $1
  and number = $2;

-- name: pools_by_fund :many
-- What the prices of contracts left over of their cost, as a whole; below zero where the costs were higher.
select fund.entity_id::text, balance.posted, account.currency
from fund
join ledger.account on account.code = fund.entity_id || ':mutual_pool'
join ledger.balance on balance.account = account.id
where fund.entity_id = any($1::uuid[]);
