-- name: allowance_days :many
select day, principal_id
from allowance_day
where member_id = $1
  and regime = $2
  and day between $3 and $4
order by day, principal_id
limit $5;

-- name: insert_allowance_principal :exec
insert into allowance_principal (id)
values ($1)
on conflict do nothing;

-- name: insert_allowance_days :exec
insert into allowance_day
  (member_id, regime, principal_id, day, contract_id, amount_minor, amount_max_minor, days_per_year_max,
   consecutive_days_max)
select $1, $2, $3, day::date, $6, $7, $8, $9, $10
from generate_series($4::date, $5::date, interval '1 day') as day;

-- name: delete_allowance_days :exec
delete from allowance_day
where contract_id = $1
  and ($2::date is null or day > $2);

-- name: principals_of_contracts :many
select distinct contract_id, principal_id
from allowance_day
where contract_id = any($1::uuid[])
order by principal_id, contract_id;

-- name: lock_allowance_principals :exec
-- Locked, always in one order: what two payments at once add to a year, they add one after the other.
select id
from allowance_principal
where id = any($1::uuid[])
order by id
for update;

-- name: counted_for_principals :many
select d.principal_id, extract(year from p.period_end)::int as year, c.key as name, sum(c.value::bigint)::bigint as total
from (
  select distinct contract_id, principal_id
  from allowance_day
  where principal_id = any($1::uuid[])
) as d
join payslip p using (contract_id)
left join lateral (
  select counted
  from payslip_correction
  where payslip_id = p.id
  order by number desc
  limit 1
) as corrected on true
cross join lateral jsonb_each_text(coalesce(corrected.counted, p.counted)) as c
where p.period_end between $2 and $3
  and p.kind = 'wage'
group by d.principal_id, year, c.key;

-- name: counted_for_principals_before :many
-- The same, of the payslips before a turn.
select w.principal_id, extract(year from p.period_end)::int as year, c.key as name, sum(c.value::bigint)::bigint as total
from unnest($1::uuid[], $2::bigint[]) as w(principal_id, turn)
join (
  select distinct contract_id, principal_id
  from allowance_day
  where principal_id = any($1::uuid[])
) as d using (principal_id)
join payslip p on p.contract_id = d.contract_id and p.turn < w.turn
left join lateral (
  select counted
  from payslip_correction
  where payslip_id = p.id
  order by number desc
  limit 1
) as corrected on true
cross join lateral jsonb_each_text(coalesce(corrected.counted, p.counted)) as c
where p.period_end between $3 and $4
  and p.kind = 'wage'
group by w.principal_id, year, c.key;
