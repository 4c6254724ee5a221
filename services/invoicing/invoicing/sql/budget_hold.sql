-- name: insert_budget_hold :exec
insert into budget_hold (contract_id, order_id, activity_id, entity_id, hold_id, amount_minor, currency, held_on)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: budget_hold_for_update :one
select contract_id, order_id, activity_id, entity_id, hold_id, amount_minor, currency, ended_on
from budget_hold
where contract_id = $1
for update;

-- name: end_budget_hold :exec
update budget_hold
set ended_on = $2
where contract_id = $1;
