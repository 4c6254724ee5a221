-- name: insert_fact_correction :exec
insert into fact_correction (member_id, since, told_on, facts)
values ($1, $2, $3, $4);

-- name: insert_recomputation :value
-- Nothing where one is under way at the entity: there is one at a time.
insert into recomputation (id, entity_id, period_start, period_end, reason, started_by, started_on)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (entity_id) where finished_on is null do nothing
returning id;

-- name: open_recomputation :value
select id
from recomputation
where entity_id = $1
  and finished_on is null;

-- name: insert_recomputation_items :exec
insert into recomputation_item (run_id, payslip_id, turn)
select $1, p.id, p.turn
from payslip p
where p.entity_id = $2
  and p.period_end between $3 and $4
  and p.kind = 'wage'
order by p.turn
limit $5;

-- name: recomputation_for_update :one
-- Locked, so that the batches of a run follow one another.
select id, entity_id, period_start, period_end, reason, batches, finished_on
from recomputation
where id = $1
for update;

-- name: recomputation_batch :many
-- In the order in which they were computed: each counts what the ones before it did.
select payslip_id
from recomputation_item
where run_id = $1
  and not is_computed
  and refusal_code is null
order by turn
limit $2;

-- name: settle_recomputation_items :exec
update recomputation_item i
set is_computed = s.refusal_code is null, correction_id = s.correction_id, refusal_code = s.refusal_code,
    refusal_sentence = s.refusal_sentence
from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[])
  as s(payslip_id, correction_id, refusal_code, refusal_sentence)
where i.run_id = $1
  and i.payslip_id = s.payslip_id;

-- name: count_recomputation_batch :exec
update recomputation
set batches = batches + 1
where id = $1;

-- name: finish_recomputation :exec
update recomputation
set finished_on = $2
where id = $1;

-- name: recomputations_by_key :many
select r.id::text, r.entity_id::text, r.period_start, r.period_end, r.reason, r.started_by, r.started_on,
       r.finished_on, count(i.payslip_id)::int as total, count(i.correction_id)::int as corrected,
       (count(*) filter (where i.is_computed and i.correction_id is null))::int as unchanged,
       count(i.refusal_code)::int as failed
from recomputation r
left join recomputation_item i on i.run_id = r.id
where r.id = any($1::uuid[])
group by r.id;

-- name: failures_by_recomputation :many
select run_id::text, payslip_id::text, refusal_code, refusal_sentence
from (
  select i.*, row_number() over (partition by run_id order by payslip_id) as rank
  from recomputation_item i
  where run_id = any($1::uuid[])
    and refusal_code is not null
) as ranked
where rank <= $2
order by payslip_id;

-- name: payslips_to_recompute :many
-- `facts` are those of the latest version, unless others were told since as having held on its last day.
select p.id, p.contract_id, p.order_id, p.activity_id, p.entity_id, p.member_id, p.period_start, p.period_end,
       p.turn, p.currency, p.lines, p.estimated_minor, p.provisioned_minor,
       coalesce(told.facts, latest.facts, p.facts) as facts
from payslip p
left join lateral (
  select c.turn, c.facts
  from payslip_correction c
  where c.payslip_id = p.id
  order by c.number desc
  limit 1
) as latest on true
left join lateral (
  select f.facts
  from fact_correction f
  where f.member_id = p.member_id
    and f.since <= p.period_end
    and f.turn > coalesce(latest.turn, p.turn)
  order by f.since desc, f.turn desc
  limit 1
) as told on true
where p.id = any($1::uuid[])
order by p.turn;

-- name: corrections_of_payslips :many
select id, payslip_id, number, currency, deltas, labor_cost_minor, counted, facts
from payslip_correction
where payslip_id = any($1::uuid[])
order by payslip_id, number;

-- name: counted_before :many
-- What each worker's payslips before a turn counted, as they stand now.
select w.member_id, p.period_end, coalesce(c.counted, p.counted) as counted
from unnest($1::uuid[], $2::bigint[]) as w(member_id, turn)
join payslip p on p.member_id = w.member_id and p.turn < w.turn
left join lateral (
  select counted
  from payslip_correction
  where payslip_id = p.id
  order by number desc
  limit 1
) as c on true
where p.entity_id = $3
  and p.period_end between $4 and $5
  and p.kind = 'wage'
order by p.period_end, p.id;

-- name: insert_correction :exec
insert into payslip_correction
  (id, payslip_id, number, recomputation_id, currency, deltas, net_wage_minor, net_payable_minor, labor_cost_minor,
   counted, facts, fingerprint, engine_version, corrected_on)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: put_corrected_cost :exec
update payslip
set corrected_minor = $2
where id = $1;

-- name: open_corrections :many
-- What payslips of workers, or the end of a return's period, leave to be paid or withheld, the earliest first.
select 'payslip' as origin, c.id, p.contract_id, p.member_id, p.period_end, c.currency, c.deltas,
       (c.net_payable_minor - s.settled_minor)::bigint as open_minor, c.turn
from payslip p
join payslip_correction c on c.payslip_id = p.id
cross join lateral (
  select coalesce(sum(amount_minor), 0) as settled_minor
  from correction_settlement
  where correction_id = c.id
) as s
where p.member_id = any($1::uuid[])
  and p.entity_id = $2
  and c.net_payable_minor <> s.settled_minor
union all
select 'period', d.id, d.contract_id, d.member_id, d.period_end, d.currency, d.deltas,
       (d.net_payable_minor - s.settled_minor)::bigint, d.turn
from period_difference d
cross join lateral (
  select coalesce(sum(amount_minor), 0) as settled_minor
  from difference_settlement
  where difference_id = d.id
) as s
where d.member_id = any($1::uuid[])
  and d.entity_id = $2
  and d.net_payable_minor <> s.settled_minor
order by turn;

-- name: insert_settlement :exec
insert into correction_settlement (correction_id, payslip_id, amount_minor)
values ($1, $2, $3);

-- name: insert_difference_settlement :exec
insert into difference_settlement (difference_id, payslip_id, amount_minor)
values ($1, $2, $3);

-- name: next_wages_end_on :many
-- The last day of each worker's next contract whose wage is to come; nothing where none is.
select c.member_id, min(c.last_day) as last_day
from contract c
where c.member_id = any($1::uuid[])
  and c.entity_id = $2
  and c.last_day >= $3
  and c.refused_on is null
  and not exists (select from payslip p where p.contract_id = c.id)
group by c.member_id;

-- name: contracts_of_payslips :many
select c.id, c.order_id, c.activity_id, c.entity_id, c.member_id, c.kind, c.regime, c.first_day, c.last_day,
       c.wage_minor, c.days, c.hours, c.labor_cost_minor, c.currency, c.requested_on, c.budget_held_on,
       c.declared_on, c.ended_on, c.paid_on, c.refused_on, c.refusal_code
from contract c
where c.id = any($1::uuid[]);

-- name: announced_variance :one
select count(*)::int as steps, coalesce(sum(change_minor), 0)::bigint as minor
from labor_cost_variance
where contract_id = $1;

-- name: insert_variance :exec
insert into labor_cost_variance
  (contract_id, number, provisioned_minor, cost_minor, variance_minor, change_minor, currency, announced_on)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: corrections_by_payslip :many
select c.id::text, c.payslip_id::text, c.number, r.reason, c.corrected_on, c.currency, c.deltas, c.net_wage_minor,
       c.net_payable_minor, c.labor_cost_minor, c.fingerprint, c.engine_version,
       coalesce((select sum(amount_minor) from correction_settlement where correction_id = c.id), 0)::bigint
         as settled_minor
from payslip_correction c
join recomputation r on r.id = c.recomputation_id
where c.payslip_id = any($1::uuid[])
  and c.number <= $2
order by c.payslip_id, c.number;

-- name: labor_costs_by_contract :many
select c.id::text as contract_id, coalesce(p.estimated_minor, c.estimated_minor) as estimated_minor,
       c.labor_cost_minor as provisioned_minor, p.declared_minor, p.corrected_minor, c.currency,
       coalesce((select sum(change_minor) from labor_cost_variance v where v.contract_id = c.id), 0)::bigint
         as pooled_minor
from contract c
left join payslip p on p.contract_id = c.id and p.kind = 'wage'
where c.id = any($1::uuid[]);

-- name: find_labor_costs :many
select c.id::text as contract_id, coalesce(p.estimated_minor, c.estimated_minor) as estimated_minor,
       c.labor_cost_minor as provisioned_minor, p.declared_minor, p.corrected_minor, c.currency,
       coalesce((select sum(change_minor) from labor_cost_variance v where v.contract_id = c.id), 0)::bigint
         as pooled_minor
from contract c
left join payslip p on p.contract_id = c.id and p.kind = 'wage'
where c.entity_id = $1
  and c.last_day between $2 and $3
  and c.refused_on is null
  and ($4::uuid is null or c.id > $4)
order by c.id
limit $5;

-- name: count_labor_costs_not_announced :one
-- Cost and variance are written in one transaction: there is nothing to wait for.
select count(*)::int as count, null::timestamptz as since
from payslip p
where coalesce(p.corrected_minor, p.declared_minor) is not null
  and $1::timestamptz is not null
  and p.provisioned_minor - coalesce(p.corrected_minor, p.declared_minor) <> (
    select coalesce(sum(v.change_minor), 0) from labor_cost_variance v where v.contract_id = p.contract_id
  );
