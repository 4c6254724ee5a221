-- What the end of a return's period changes of what each of its payslips costs, as that return declares it.
create table returned_closing (
  return_id        uuid   not null references periodic_return,
  payslip_id       uuid   not null references payslip,
  labor_cost_minor bigint not null,
  primary key (return_id, payslip_id)
);
create index on returned_closing (payslip_id);
