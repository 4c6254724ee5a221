-- The kinds of employment are named by each country's data, and only some countries have joint committees.
-- Which names a country knows is refused with a sentence by the service; here it is text, and not empty.
alter table contract
  drop constraint contract_regime_check,
  add constraint contract_has_a_regime check (regime ~ '^[a-z][a-z0-9_]{0,59}$'),
  alter column joint_committee drop not null;
create index contract_of_worker_by_day on contract (member_id, first_day, last_day) where refused_on is null;
