-- name: put_declarant :exec
insert into declarant (entity_id, authority_number, contact_name, contact_phone, contact_email, completed_on, region)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (entity_id) do update
set authority_number = excluded.authority_number, contact_name = excluded.contact_name,
    contact_phone = excluded.contact_phone, contact_email = excluded.contact_email,
    completed_on = excluded.completed_on, region = excluded.region;

-- name: declarant :one
select e.name, e.enterprise_number, e.post_code, d.authority_number, d.contact_name, d.contact_phone, d.contact_email,
       d.region
from declarant d
join entity e on e.id = d.entity_id
where d.entity_id = $1;

-- name: expect_return :value
-- Written before anything is filed, so that what is owed and not filed can be seen.
insert into periodic_return (id, entity_id, kind, period_start, period_end, sequence, format, filing_date, due_date)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
returning id;

-- name: current_return_for_update :one
-- Locked, so that the authority's answer, the officer and the days follow one another.
select id, entity_id, kind, period_start, period_end, sequence, due_date, filing_date, format, filed_on,
       unanswered_on, decided_on, result, reference
from periodic_return
where entity_id = $1
  and kind = $2
  and period_start = $3
  and replaced_on is null
for update;

-- name: return_for_update :one
select id, entity_id, kind, period_start, period_end, sequence, due_date, filing_date, format, filed_on,
       unanswered_on, decided_on, result, reference, request, answer
from periodic_return
where id = $1
for update;

-- name: works_of_period :many
-- Every payslip that pays work of the period, with whom and what was agreed; one of corrections alone pays none.
select p.id, p.contract_id, p.member_id, p.period_start, p.period_end, p.currency, p.gross_wage_minor,
       p.net_wage_minor, p.net_payable_minor, p.estimated_minor, p.counted, p.facts, p.lines, p.remarks, p.sources,
       p.fingerprint, p.engine_version, c.kind, c.regime, c.first_day, c.last_day, c.wage_minor, c.days, c.hours, c.joint_committee,
       f.person
from payslip p
join contract c on c.id = p.contract_id
join payroll_profile f on f.member_id = p.member_id
where p.entity_id = $1
  and p.kind = 'wage'
  and p.period_end between $2 and $3
order by p.id
limit $4;

-- name: count_payslips_missing :value
-- Contracts whose work is done within the period and not paid for by a payslip yet.
select count(*)::int
from contract c
where c.entity_id = $1
  and c.last_day between $2 and $3
  and c.declared_on is not null
  and c.refused_on is null
  and not exists (select from payslip p where p.contract_id = c.id and p.kind = 'wage');

-- name: accepted_reference :value
-- The authority's reference of the return of a period that it accepted last.
select reference
from periodic_return
where entity_id = $1
  and kind = $2
  and period_start = $3
  and result in ('A', 'W')
order by sequence desc
limit 1;

-- name: count_late_payslips :value
-- Payslips of the period of which no return of it has declared themselves or what was corrected.
select count(*)::int
from payslip p
where p.entity_id = $1
  and p.kind = 'wage'
  and p.period_end between $2 and $3
  and (
    not exists (select from returned_payslip r where r.payslip_id = p.id and r.kind = $4)
    or exists (
      select
      from payslip_correction c
      where c.payslip_id = p.id
        and not exists (select from returned_correction r where r.correction_id = c.id and r.kind = $4)
    )
  );

-- name: keep_returned_payslips :exec
insert into returned_payslip (payslip_id, kind, return_id)
select payslip_id, $2, $3
from unnest($1::uuid[]) as declared(payslip_id)
on conflict do nothing;

-- name: keep_returned_corrections :exec
insert into returned_correction (correction_id, kind, return_id)
select correction_id, $2, $3
from unnest($1::uuid[]) as declared(correction_id)
on conflict do nothing;

-- name: keep_returned_closings :exec
insert into returned_closing (return_id, payslip_id, labor_cost_minor)
select $1, payslip_id, labor_cost_minor
from unnest($2::uuid[], $3::bigint[]) as declared(payslip_id, labor_cost_minor);

-- name: differences_of_period :many
-- What returns of a period said until now that its end changes for each worker, the first return first.
select member_id, number, currency, deltas
from period_difference
where entity_id = $1
  and period_start = $2
order by member_id, number;

-- name: insert_difference :exec
insert into period_difference
  (id, return_id, entity_id, member_id, contract_id, period_start, period_end, number, currency, deltas,
   difference_minor, net_payable_minor, declared_on)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: open_differences_by_return :many
-- What is not settled with workers of what a return, or one of its period before it, declares.
select r.id::text, d.currency, r.kind, r.period_end,
       coalesce(sum(d.net_payable_minor - s.settled_minor) filter (where d.net_payable_minor > 0), 0)::bigint
         as to_workers_minor,
       coalesce(sum(s.settled_minor - d.net_payable_minor) filter (where d.net_payable_minor < 0), 0)::bigint
         as by_workers_minor
from periodic_return r
join periodic_return o on o.entity_id = r.entity_id and o.kind = r.kind and o.period_start = r.period_start
                      and o.sequence <= r.sequence
join period_difference d on d.return_id = o.id
cross join lateral (
  select coalesce(sum(amount_minor), 0) as settled_minor
  from difference_settlement
  where difference_id = d.id
) as s
where r.id = any($1::uuid[])
group by r.id, d.currency;

-- name: put_declared_costs :many
-- What an accepted return, or one of its period that it repeats, says that each contract cost, with what the end of the
-- period changes of it. A correction that came after it was filed is known, and not declared.
with returned as (
  select p.id, p.estimated_minor + coalesce(x.labor_cost_minor, 0) as cost_minor, r.kind, r.sequence
  from periodic_return r
  join payslip p on p.entity_id = r.entity_id and p.kind = 'wage'
                and p.period_end between r.period_start and r.period_end
  left join returned_closing x on x.return_id = r.id and x.payslip_id = p.id
  where r.id = $1
    and exists (
      select
      from returned_payslip d
      join periodic_return o on o.id = d.return_id and o.sequence <= r.sequence
      where d.payslip_id = p.id
        and d.kind = r.kind
    )
)
update payslip p
set declared_minor = r.cost_minor + (
      select coalesce(sum(c.labor_cost_minor), 0)
      from payslip_correction c
      join returned_correction d on d.correction_id = c.id and d.kind = r.kind
      join periodic_return o on o.id = d.return_id and o.sequence <= r.sequence
      where c.payslip_id = p.id
    ),
    corrected_minor = case when p.corrected_minor is not null then r.cost_minor + (
      select coalesce(sum(c.labor_cost_minor), 0)
      from payslip_correction c
      where c.payslip_id = p.id
    ) end
from returned r
where p.id = r.id
returning p.contract_id, p.currency, coalesce(p.corrected_minor, p.declared_minor) as cost_minor;

-- name: accepted_closing :value
-- What the end of its period changes of what a payslip costs, as the return accepted last says; nothing before one is.
select x.labor_cost_minor
from returned_closing x
join periodic_return r on r.id = x.return_id
where x.payslip_id = $1
  and r.result in ('A', 'W')
order by r.sequence desc
limit 1;

-- name: keep_filed_return :exec
update periodic_return
set filed_on = $2, request = $3, format = $4, refusal_code = null, region = $5, is_region_assumed = $6
where id = $1;

-- name: keep_return_refusal :exec
update periodic_return
set refusal_code = $2
where id = $1;

-- name: keep_return_reference :exec
update periodic_return
set reference = $2
where id = $1;

-- name: keep_return_answer :exec
update periodic_return
set answer = $2
where id = $1;

-- name: keep_return_decision :exec
update periodic_return
set decided_on = $2, result = $3, fields = $4
where id = $1;

-- name: replace_return :exec
update periodic_return
set replaced_on = $2
where id = $1;

-- name: flag_return_unanswered :exec
update periodic_return
set unanswered_on = $2
where id = $1
  and unanswered_on is null;

-- name: flag_return_overdue :exec
update periodic_return
set overdue_on = $2
where id = $1
  and overdue_on is null;

-- name: lock_returns_of_days :exec
-- A return that is being filed at this moment is waited for, and the statement that comes next sees it filed.
select id
from periodic_return
where entity_id = $1
  and replaced_on is null
  and exists (select from unnest($2::date[]) as paid(day) where paid.day between period_start and period_end)
order by id
for key share;

-- name: flag_late_payslips :exec
-- Payslips, or corrections of them, of periods whose return has been filed.
update periodic_return
set late_payslip_on = $3
where entity_id = $1
  and replaced_on is null
  and exists (select from unnest($2::date[]) as paid(day) where paid.day between period_start and period_end)
  and filed_on is not null
  and late_payslip_on is null;

-- name: returns_to_try :many
-- Those whose day has come and that could not be filed.
select kind, period_start
from periodic_return
where entity_id = $1
  and filed_on is null
  and filing_date <= $2
order by period_start, kind;

-- name: returns_by_key :many
select id::text, entity_id::text, kind, period_start, period_end, sequence, format, filing_date, due_date,
       refusal_code, filed_on, reference, unanswered_on, decided_on, result, fields, overdue_on, late_payslip_on,
       replaced_on, region, is_region_assumed
from periodic_return
where id = any($1::uuid[]);

-- name: find_periodic_returns :many
select id::text, entity_id::text, kind, period_start, period_end, sequence, format, filing_date, due_date,
       refusal_code, filed_on, reference, unanswered_on, decided_on, result, fields, overdue_on, late_payslip_on,
       replaced_on, region, is_region_assumed
from periodic_return
where entity_id = $1
  and ($2::date is null or (period_start, sequence, id) < ($2, $3::int, $4::uuid))
order by period_start desc, sequence desc, id desc
limit $5;

-- name: returns_waiting :many
-- What an authority has not accepted or what lacks a payslip, the legal day that comes first before the others.
select id::text, entity_id::text, kind, period_start, period_end, sequence, format, filing_date, due_date,
       refusal_code, filed_on, reference, unanswered_on, decided_on, result, fields, overdue_on, late_payslip_on,
       replaced_on, region, is_region_assumed
from periodic_return
where entity_id = $1
  and period_end < $2
  and replaced_on is null
  and (result is null or result in ('B', 'rejected') or late_payslip_on is not null)
  and ($3::date is null or (due_date, id) > ($3, $4::uuid))
order by due_date, id
limit $5;

-- name: return_requests_by_key :many
select id::text, request
from periodic_return
where id = any($1::uuid[])
  and request is not null;

-- name: members_of_returns :many
-- Whom a return declares: those of its own payslips, and of the returns of the period that it repeats.
select r.id::text, array_agg(distinct p.member_id::text) as members
from periodic_return r
join periodic_return o on o.entity_id = r.entity_id and o.kind = r.kind and o.period_start = r.period_start
                      and o.sequence <= r.sequence
join returned_payslip d on d.return_id = o.id
join payslip p on p.id = d.payslip_id
where r.id = any($1::uuid[])
group by r.id;

-- name: count_returns_overdue :one
select count(*)::int as count, null::timestamptz as since
from periodic_return
where overdue_on is not null
  and replaced_on is null
  and (result is null or result in ('B', 'rejected'))
  and $1::timestamptz is not null;
