-- By how much a budget was too small for a contract, so that the member can ask for a smaller one.
create table budget_refusal (
  contract_id     uuid    primary key references contract,
  requested_minor bigint  not null check (requested_minor > 0),
  available_minor bigint  not null,
  currency        char(3) not null
);
