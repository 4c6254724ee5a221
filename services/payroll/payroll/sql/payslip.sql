-- name: insert_payslip :exec
insert into payslip
  (id, contract_id, order_id, activity_id, entity_id, member_id, period_start, period_end, currency,
   gross_wage_minor, net_wage_minor, net_payable_minor, estimated_minor, provisioned_minor, counted, lines, remarks,
   sources, fingerprint, engine_version, due_date, computed_on, facts)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23);

-- name: insert_correction_payslip :exec
insert into payslip
  (id, contract_id, order_id, activity_id, entity_id, member_id, period_start, period_end, currency, kind,
   gross_wage_minor, net_wage_minor, net_payable_minor, estimated_minor, provisioned_minor, counted, lines, remarks,
   sources, fingerprint, engine_version, due_date, computed_on)
select $1, id, order_id, activity_id, entity_id, member_id, $3, $3, currency, 'correction', 0, 0, $4, 0, 0, '{}', $5, $6,
       $7, $8, $9, $10, $3
from contract
where id = $2;

-- name: counted_payslips :many
-- As they stand now: what a correction counts stands in the place of what it corrects.
select p.member_id, p.period_end, coalesce(c.counted, p.counted) as counted
from payslip p
left join lateral (
  select counted
  from payslip_correction
  where payslip_id = p.id
  order by number desc
  limit 1
) as c on true
where p.member_id = any($1::uuid[])
  and p.entity_id = $2
  and p.period_end between $3 and $4
  and p.kind = 'wage'
order by p.period_end, p.id;

-- name: payslips_of_contracts :many
select contract_id, id
from payslip
where contract_id = any($1::uuid[])
  and kind = 'wage';

-- name: payslip_to_pay :one
select p.id, p.contract_id, p.order_id, p.entity_id, p.member_id, p.period_start, p.period_end, p.net_payable_minor,
       p.currency, e.name as entity_name, e.iban as entity_iban, f.person,
       exists (select from payment_order o where o.payslip_id = p.id) as is_ordered
from payslip p
join entity e on e.id = p.entity_id
join payroll_profile f on f.member_id = p.member_id
where p.id = $1;

-- name: unpaid_payslips_of_contract :value
select count(*)::int
from payslip p
left join payment_order o on o.payslip_id = p.id and o.replaced_on is null
where p.contract_id = $1
  and p.kind = 'wage'
  and (o.paid_on is null or o.returned_on is not null);

-- name: payslips_by_key :many
select p.id::text, p.contract_id::text, p.order_id::text, p.activity_id::text, p.entity_id::text, p.member_id::text,
       p.kind, p.period_start, p.period_end, p.currency, p.gross_wage_minor, p.net_wage_minor, p.net_payable_minor,
       p.estimated_minor, p.provisioned_minor, p.declared_minor, p.corrected_minor, p.lines, p.remarks, p.sources,
       p.fingerprint, p.engine_version, p.due_date, p.computed_on, o.funded_on, o.source as funding_source, o.paid_on,
       o.returned_on, o.return_reason
from payslip p
left join payment_order o on o.payslip_id = p.id and o.replaced_on is null
where p.id = any($1::uuid[]);

-- name: payslips_by_contract :many
select p.id::text, p.contract_id::text, p.order_id::text, p.activity_id::text, p.entity_id::text, p.member_id::text,
       p.kind, p.period_start, p.period_end, p.currency, p.gross_wage_minor, p.net_wage_minor, p.net_payable_minor,
       p.estimated_minor, p.provisioned_minor, p.declared_minor, p.corrected_minor, p.lines, p.remarks, p.sources,
       p.fingerprint, p.engine_version, p.due_date, p.computed_on, o.funded_on, o.source as funding_source, o.paid_on,
       o.returned_on, o.return_reason
from payslip p
left join payment_order o on o.payslip_id = p.id and o.replaced_on is null
where p.contract_id = any($1::uuid[])
  and p.kind = 'wage';

-- name: payslips_by_member :many
select p.id::text, p.contract_id::text, p.order_id::text, p.activity_id::text, p.entity_id::text, p.member_id::text,
       p.kind, p.period_start, p.period_end, p.currency, p.gross_wage_minor, p.net_wage_minor, p.net_payable_minor,
       p.estimated_minor, p.provisioned_minor, p.declared_minor, p.corrected_minor, p.lines, p.remarks, p.sources,
       p.fingerprint, p.engine_version, p.due_date, p.computed_on, o.funded_on, o.source as funding_source, o.paid_on,
       o.returned_on, o.return_reason
from (
  select payslip.*, row_number() over (partition by member_id order by id desc) as place
  from payslip
  where member_id = any($1::uuid[])
) as p
left join payment_order o on o.payslip_id = p.id and o.replaced_on is null
where p.place <= $2
order by p.id desc;

-- name: find_payslips :many
select p.id::text, p.contract_id::text, p.order_id::text, p.activity_id::text, p.entity_id::text, p.member_id::text,
       p.kind, p.period_start, p.period_end, p.currency, p.gross_wage_minor, p.net_wage_minor, p.net_payable_minor,
       p.estimated_minor, p.provisioned_minor, p.declared_minor, p.corrected_minor, p.lines, p.remarks, p.sources,
       p.fingerprint, p.engine_version, p.due_date, p.computed_on, o.funded_on, o.source as funding_source, o.paid_on,
       o.returned_on, o.return_reason
from payslip p
left join payment_order o on o.payslip_id = p.id and o.replaced_on is null
where p.member_id = $1
  and ($2::uuid is null or p.id > $2)
order by p.id
limit $3;

-- name: returned_wages :many
select p.id::text, p.contract_id::text, p.order_id::text, p.activity_id::text, p.entity_id::text, p.member_id::text,
       p.kind, p.period_start, p.period_end, p.currency, p.gross_wage_minor, p.net_wage_minor, p.net_payable_minor,
       p.estimated_minor, p.provisioned_minor, p.declared_minor, p.corrected_minor, p.lines, p.remarks, p.sources,
       p.fingerprint, p.engine_version, p.due_date, p.computed_on, o.funded_on, o.source as funding_source, o.paid_on,
       o.returned_on, o.return_reason
from payment_order o
join payslip p on p.id = o.payslip_id
where p.entity_id = $1
  and o.returned_on is not null
  and o.replaced_on is null
  and ($2::uuid is null or p.id > $2)
order by p.id
limit $3;

-- name: payslips_to_print :many
select p.id::text, p.member_id::text, p.period_start, p.period_end, p.currency, p.gross_wage_minor, p.net_wage_minor,
       p.net_payable_minor, p.estimated_minor, p.lines, p.remarks, p.sources, p.fingerprint, p.engine_version,
       p.due_date, e.name as entity_name, e.enterprise_number, e.street, e.post_code, e.city, e.simulated, f.language,
       f.person
from payslip p
join entity e on e.id = p.entity_id
join payroll_profile f on f.member_id = p.member_id
where p.id = any($1::uuid[]);
