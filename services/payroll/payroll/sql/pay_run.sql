-- name: insert_pay_run :value
-- Nothing where a run of the month is under way: there is one at a time.
insert into pay_run (id, entity_id, period_start, started_by, started_on)
values ($1, $2, $3, $4, $5)
on conflict (entity_id, period_start) where finished_on is null do nothing
returning id;

-- name: open_pay_run :value
select id
from pay_run
where entity_id = $1
  and period_start = $2
  and finished_on is null;

-- name: insert_pay_run_items :exec
-- Every contract of the month whose work is over and that has no payslip, whether its end was noticed or not.
insert into pay_run_item (run_id, contract_id, last_day)
select $1, c.id, c.last_day
from contract c
where c.entity_id = $2
  and c.last_day between $3 and $4
  and c.refused_on is null
  and c.declared_on is not null
  and c.paid_on is null
  and not exists (select from payslip p where p.contract_id = c.id)
order by c.last_day, c.id
limit $5;

-- name: pay_run_for_update :one
-- Locked, so that the batches of a run follow one another.
select id, entity_id, period_start, batches, finished_on
from pay_run
where id = $1
for update;

-- name: pay_run_batch :many
-- In the order in which the days would have come: a later payslip of the month counts what an earlier one did.
select contract_id
from pay_run_item
where run_id = $1
  and payslip_id is null
  and refusal_code is null
order by last_day, contract_id
limit $2;

-- name: settle_pay_run_items :exec
update pay_run_item i
set payslip_id = s.payslip_id, refusal_code = s.refusal_code, refusal_sentence = s.refusal_sentence
from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[])
  as s(contract_id, payslip_id, refusal_code, refusal_sentence)
where i.run_id = $1
  and i.contract_id = s.contract_id;

-- name: count_pay_run_batch :exec
update pay_run
set batches = batches + 1
where id = $1;

-- name: finish_pay_run :exec
update pay_run
set finished_on = $2
where id = $1;

-- name: count_pay_run_items :one
select count(*)::int as total, count(payslip_id)::int as done, count(refusal_code)::int as failed
from pay_run_item
where run_id = $1;

-- name: pay_runs_by_key :many
select r.id::text, r.entity_id::text, r.period_start, r.started_by, r.started_on, r.finished_on,
       count(i.contract_id)::int as total, count(i.payslip_id)::int as done, count(i.refusal_code)::int as failed
from pay_run r
left join pay_run_item i on i.run_id = r.id
where r.id = any($1::uuid[])
group by r.id;

-- name: failures_by_pay_run :many
select run_id::text, contract_id::text, refusal_code, refusal_sentence
from (
  select i.*, row_number() over (partition by run_id order by contract_id) as place
  from pay_run_item i
  where run_id = any($1::uuid[])
    and refusal_code is not null
) as ranked
where place <= $2
order by contract_id;

-- name: count_pay_run_payslips_waiting :one
-- Of the runs under way; `since` is the beginning of the day on which the oldest that still has some was started.
select count(*) filter (where i.payslip_id is null and i.refusal_code is null)::int as count,
       count(i.payslip_id)::float8 as done,
       $1::timestamptz - max(coalesce(b.day::timestamp, $1::timestamptz at time zone b.time_zone) - r.started_on)
         filter (where i.payslip_id is null and i.refusal_code is null) as since
from pay_run r
join pay_run_item i on i.run_id = r.id
join business_day b using (entity_id)
where r.finished_on is null;

-- name: count_pay_run_payslips_failed :one
-- A contract that a later run, or its own end, has paid since then is none.
select count(distinct i.contract_id)::int as count, null::timestamptz as since
from pay_run_item i
join contract c on c.id = i.contract_id
where i.refusal_code is not null
  and c.paid_on is null
  and $1::timestamptz is not null
  and not exists (select from payslip p where p.contract_id = i.contract_id);
