-- name: insert_exceptional_pay :value
insert into exceptional_pay (contract_id, kind, amount_minor, currency, reason, recorded_by, recorded_on)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
returning contract_id;

-- name: exceptional_pay_of_contracts :many
select contract_id, kind, amount_minor
from exceptional_pay
where contract_id = any($1::uuid[]);

-- name: payslip_of_contract_computed_on :value
select computed_on
from payslip
where contract_id = $1
  and kind = 'wage';
