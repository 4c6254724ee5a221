-- In which return a correction was declared first: one of a kind, ever. Later returns of the period repeat it.
create table returned_correction (
  correction_id uuid not null references payslip_correction,
  kind          text not null,
  return_id     uuid not null references periodic_return,
  constraint one_original_return_of_a_correction primary key (correction_id, kind)
);
create index on returned_correction (return_id);

-- No return that was filed until now says what was corrected in its period.
update periodic_return r
set late_payslip_on = corrected.last_on
from (
  select o.id, greatest(o.filed_on, max(c.corrected_on)) as last_on
  from periodic_return o
  join payslip p on p.entity_id = o.entity_id and p.kind = 'wage' and p.period_end between o.period_start and o.period_end
  join payslip_correction c on c.payslip_id = p.id
  where o.filed_on is not null
    and o.replaced_on is null
  group by o.id
) as corrected
where r.id = corrected.id
  and r.late_payslip_on is null;
