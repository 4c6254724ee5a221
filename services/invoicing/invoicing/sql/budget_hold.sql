-- name: insert_budget_hold :exec
insert into budget_hold (contract_id, order_id, activity_id, entity_id, hold_id, amount_minor, currency, held_on)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: budget_hold_for_update :one
select contract_id, order_id, activity_id, entity_id, hold_id, amount_minor, currency, ended_on
from budget_hold
where contract_id = $1
for update;

-- name: open_holds_of_order :many
select contract_id
from budget_hold
where order_id = $1
  and ended_on is null
order by contract_id;

-- name: budget_credited_minor :value
-- What an order brought into its budget; null where it brought nothing.
select t.amount
from ledger.journal j
join ledger.transfer t on t.journal = j.id
where j.code = $1
  and j.ref = $2;

-- name: ask_budget_withdrawal :exec
insert into budget_withdrawal (order_id, activity_id, entity_id, amount_minor, currency, asked_on)
values ($1, $2, $3, $4, $5, $6)
on conflict (order_id) do update
set amount_minor = budget_withdrawal.amount_minor + excluded.amount_minor;

-- name: budget_withdrawal_for_update :one
select activity_id, entity_id, amount_minor, taken_minor, currency
from budget_withdrawal
where order_id = $1
for update;

-- name: take_budget_withdrawal :exec
update budget_withdrawal
set taken_minor = taken_minor + $2
where order_id = $1;

-- name: budget_withdrawals_by_order :many
select order_id::text, amount_minor, taken_minor, currency
from budget_withdrawal
where order_id = any($1::uuid[]);

-- name: end_budget_hold :exec
update budget_hold
set ended_on = $2
where contract_id = $1;

-- name: count_holds_without_contract :one
-- A hold and the row that names it are written in one transaction: there is nothing to wait for.
select count(*)::int as count, min(journal.created) as since
from ledger.transfer as hold
join ledger.journal on journal.id = hold.journal
where hold.kind = 'hold'
  and journal.created < $1::timestamptz
  and not exists (select from ledger.transfer as ended where ended.of = hold.id and ended.kind in ('post', 'void'))
  and not exists (
    select from budget_hold where budget_hold.hold_id = hold.id and budget_hold.ended_on is null);
