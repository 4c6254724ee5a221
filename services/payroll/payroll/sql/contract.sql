-- name: insert_contract :exec
insert into contract
  (id, order_id, activity_id, entity_id, member_id, kind, regime, first_day, last_day, wage_minor, days, hours,
   function_title, joint_committee, gross_minor, estimated_minor, labor_cost_minor, currency, requested_on)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19);

-- name: contract_for_update :one
-- Locked, so that what happens to a contract follows one another.
select id, order_id, activity_id, entity_id, member_id, kind, regime, first_day, last_day, wage_minor, days, hours,
       labor_cost_minor, currency, requested_on, budget_held_on, declared_on, ended_on, paid_on, refused_on,
       refusal_code
from contract
where id = $1
for update;

-- name: contracts_for_update :many
-- The same for many, always in one order.
select id, order_id, activity_id, entity_id, member_id, kind, regime, first_day, last_day, wage_minor, days, hours,
       labor_cost_minor, currency, requested_on, budget_held_on, declared_on, ended_on, paid_on, refused_on,
       refusal_code, payslip_refusal_code
from contract
where id = any($1::uuid[])
order by id
for update;

-- name: contracts_at_once :many
-- Those of a worker that share days with a span and may still be worked.
select id, kind, regime, first_day, last_day, wage_minor, days, hours, labor_cost_minor, currency, requested_on,
       budget_held_on, declared_on, ended_on, paid_on, refused_on, refusal_code
from contract
where member_id = $1
  and first_day <= $3
  and last_day >= $2
  and refused_on is null
order by id
limit $4;

-- name: contracts_left_after :many
-- Those of a worker with days of work after a day.
select id
from contract
where member_id = $1
  and last_day > $2
  and refused_on is null
  and ended_on is null
order by id
limit $3;

-- name: contracts_of_order :many
select id
from contract
where order_id = $1
order by id;

-- name: update_contract_facts :exec
update contract
set budget_held_on = $2, declared_on = $3, ended_on = $4, paid_on = $5, refused_on = $6, refusal_code = $7
where id = $1;

-- name: flag_undeclared :exec
update contract
set undeclared_on = $2
where id = $1;

-- name: flag_unanswered :exec
update contract
set unanswered_on = $2
where id = $1
  and unanswered_on is null;

-- name: flag_payslip_refusal :exec
update contract
set payslip_refusal_code = $2
where id = $1;

-- name: cut_contract_short :exec
-- What was agreed is kept beside the contract, whose terms are what is worked and paid.
with agreed as (
  insert into contract_agreed (contract_id, kind, last_day, wage_minor, days, hours, gross_minor, estimated_minor,
                               labor_cost_minor, cut_on)
  select id, kind, last_day, wage_minor, days, hours, gross_minor, estimated_minor, labor_cost_minor, $10
  from contract
  where id = $1
)
update contract
set kind = $2, last_day = $3, wage_minor = $4, days = $5, hours = $6, gross_minor = $7, estimated_minor = $8,
    labor_cost_minor = $9
where id = $1;

-- name: is_cut_short :value
select exists (select from contract_agreed where contract_id = $1);

-- name: insert_budget_refusal :exec
insert into budget_refusal (contract_id, requested_minor, available_minor, currency)
values ($1, $2, $3, $4)
on conflict do nothing;

-- name: budget_refusals_by_contract :many
select contract_id::text, requested_minor, available_minor, currency
from budget_refusal
where contract_id = any($1::uuid[]);

-- name: contracts_by_key :many
select id::text, order_id::text, activity_id::text, entity_id::text, member_id::text, kind, regime, first_day,
       last_day, wage_minor, days, hours, function_title, joint_committee, gross_minor, estimated_minor,
       labor_cost_minor, currency, requested_on, budget_held_on, declared_on, ended_on, paid_on, refused_on,
       refusal_code, undeclared_on, unanswered_on, payslip_refusal_code
from contract
where id = any($1::uuid[]);

-- name: contracts_by_order :many
select id::text, order_id::text, activity_id::text, entity_id::text, member_id::text, kind, regime, first_day,
       last_day, wage_minor, days, hours, function_title, joint_committee, gross_minor, estimated_minor,
       labor_cost_minor, currency, requested_on, budget_held_on, declared_on, ended_on, paid_on, refused_on,
       refusal_code, undeclared_on, unanswered_on, payslip_refusal_code
from (
  select contract.*, row_number() over (partition by order_id order by id) as place
  from contract
  where order_id = any($1::uuid[])
    and ($3::uuid is null or member_id = $3)
) as ranked
where place <= $2
order by id;

-- name: find_contracts :many
select id::text, order_id::text, activity_id::text, entity_id::text, member_id::text, kind, regime, first_day,
       last_day, wage_minor, days, hours, function_title, joint_committee, gross_minor, estimated_minor,
       labor_cost_minor, currency, requested_on, budget_held_on, declared_on, ended_on, paid_on, refused_on,
       refusal_code, undeclared_on, unanswered_on, payslip_refusal_code
from contract
where ($1::uuid is null or order_id = $1)
  and ($2::uuid is null or member_id = $2)
  and ($3::uuid is null or id > $3)
order by id
limit $4;

-- name: contracts_undeclared :many
select id::text, order_id::text, activity_id::text, entity_id::text, member_id::text, kind, regime, first_day,
       last_day, wage_minor, days, hours, function_title, joint_committee, gross_minor, estimated_minor,
       labor_cost_minor, currency, requested_on, budget_held_on, declared_on, ended_on, paid_on, refused_on,
       refusal_code, undeclared_on, unanswered_on, payslip_refusal_code
from contract
where entity_id = $1
  and declared_on is null
  and refused_on is null
  and ($2::date is null or (first_day, id) > ($2, $3))
order by first_day, id
limit $4;

-- name: contracts_without_payslip :many
select id::text, order_id::text, activity_id::text, entity_id::text, member_id::text, kind, regime, first_day,
       last_day, wage_minor, days, hours, function_title, joint_committee, gross_minor, estimated_minor,
       labor_cost_minor, currency, requested_on, budget_held_on, declared_on, ended_on, paid_on, refused_on,
       refusal_code, undeclared_on, unanswered_on, payslip_refusal_code
from contract
where entity_id = $1
  and payslip_refusal_code is not null
  and ($2::uuid is null or id > $2)
order by id
limit $3;

-- name: count_contracts_undeclared :one
select count(*)::int as count, null::timestamptz as since
from contract
where undeclared_on is not null
  and declared_on is null
  and refused_on is null
  and $1::timestamptz is not null;

-- name: contracts_to_check :many
-- The refused ones of contracts whose time is over need nobody any more.
select id::text, order_id::text, activity_id::text, entity_id::text, member_id::text, kind, regime, first_day,
       last_day, wage_minor, days, hours, function_title, joint_committee, gross_minor, estimated_minor,
       labor_cost_minor, currency, requested_on, budget_held_on, declared_on, ended_on, paid_on, refused_on,
       refusal_code, undeclared_on, unanswered_on, payslip_refusal_code
from contract
where entity_id = $1
  and ended_on is null
  and last_day >= $2
  and exists (
    select
    from declaration
    where declaration.contract_id = contract.id
      and declaration.kind = 'in'
      and (declaration.state in ('accepted_with_warning', 'refused') or declaration.contradicted_on is not null)
  )
  and ($3::uuid is null or id > $3)
order by id
limit $4;

-- name: count_wages_without_payslip :one
-- Work that is done and whose payslip was refused; `hours` until the first due day of these begins.
select count(*)::int as count, null::timestamptz as since,
       (min(extract(epoch from (d.data ->> 'wage_due')::date::timestamp
         - coalesce(b.day::timestamp, $1::timestamptz at time zone b.time_zone))) / 3600)::float8 as hours
from contract c
join business_day b using (entity_id)
left join deadline d on d.key = 'payslip/' || c.id and d.done_at is null
where c.payslip_refusal_code is not null;
