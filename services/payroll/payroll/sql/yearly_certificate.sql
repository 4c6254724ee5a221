-- name: certified_payslips :many
-- The payslips of a year of some workers and employers: a page of them, each with all its payslips. A wage that fell due
-- in the first days of January may have counted in the year before ($7).
with counted as (
  select id, member_id, entity_id
  from payslip
  where ($1::uuid is null or member_id = $1)
    and ($2::uuid is null or entity_id = $2)
    and period_end between $3 and $4
    and due_date between $5 and $6
    and not (due_date <= $7 and period_end < $5)
), workers as (
  select distinct member_id, entity_id
  from counted
  where $8::uuid is null or (member_id, entity_id) > ($8, $9::uuid)
  order by member_id, entity_id
  limit $10
), numbered as (
  select c.id, row_number() over (partition by c.member_id, c.entity_id order by c.id) as place
  from counted c
  join workers using (member_id, entity_id)
)
select p.member_id, p.entity_id, p.period_start, p.period_end, p.currency, p.gross_wage_minor, p.net_wage_minor,
       p.net_payable_minor, p.estimated_minor, p.lines, p.remarks, p.sources, p.fingerprint, p.engine_version, c.regime
from numbered n
join payslip p on p.id = n.id
join contract c on c.id = p.contract_id
where n.place <= $11
order by p.member_id, p.entity_id, p.period_end, p.id;
