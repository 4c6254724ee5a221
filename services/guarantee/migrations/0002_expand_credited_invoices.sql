-- Invoices that were taken back: the fund stands for them no longer, and gives its part of the contribution back.

alter table invoice add column credited_on date;
alter table contribution add column reversed_on date check (reversed_on >= levied_on);
