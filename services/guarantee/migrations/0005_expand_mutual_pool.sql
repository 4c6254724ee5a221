-- What prices of contracts left over, or fell short by: it belongs to the mutual pool, never to the member.

-- Copied from payroll, each step once; null in `booked_on` while the entity has no fund.
create table labor_cost_variance (
  contract_id  uuid    not null,
  number       int     not null check (number > 0),
  entity_id    uuid    not null references entity,
  change_minor bigint  not null check (change_minor <> 0),
  currency     char(3) not null,
  corrected_on date    not null,
  booked_on    date,
  primary key (contract_id, number)
);
create index on labor_cost_variance (entity_id, contract_id, number) where booked_on is null;
