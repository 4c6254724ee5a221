-- A wage that the bank returned is ordered again, under a number of its own. Only a returned order is replaced, and
-- one order of a payslip counts at a time: a wage is never under way twice.
alter table payment_order
  add column attempt     int  not null default 1 check (attempt between 1 and 9),
  add column replaced_on date,
  add constraint only_a_returned_payment_is_replaced check (replaced_on is null or returned_on is not null),
  add constraint one_payment_per_attempt unique (payslip_id, attempt),
  drop constraint one_payment_per_payslip,
  -- A bank may execute a transfer first and give the money back days later: both are facts.
  drop constraint payment_order_check,
  add constraint returned_after_it_was_paid check (paid_on is null or returned_on is null or returned_on >= paid_on);

create unique index one_current_payment_per_payslip on payment_order (payslip_id) where replaced_on is null;
create index payment_returned on payment_order (returned_on) where returned_on is not null and replaced_on is null;
