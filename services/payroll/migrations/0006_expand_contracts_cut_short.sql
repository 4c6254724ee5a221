-- Contracts that end earlier than agreed: what was agreed, and the declaration that ends a hire.

create table contract_agreed (
  contract_id      uuid    primary key references contract,
  kind             text    not null,
  last_day         date    not null,
  wage_minor       bigint  not null,
  days             int     not null,
  hours            numeric not null,
  gross_minor      bigint  not null,
  estimated_minor  bigint  not null,
  labor_cost_minor bigint  not null,
  cut_on           date    not null
);

alter table declaration drop constraint declaration_kind_check;
alter table declaration add constraint declaration_kind_check check (kind in ('in', 'out', 'cancel'));
