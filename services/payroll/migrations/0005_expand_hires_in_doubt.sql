-- What a payroll officer must know of a hire before work begins: that nobody answered, or that the authority says
-- otherwise than at first. The first answer stays the one that counts; the second is kept beside it.
alter table contract add column unanswered_on date;
create index contract_not_over on contract (entity_id, last_day, id) where ended_on is null;

alter table declaration
  add column second_answer           bytea,
  add column contradicted_on         date,
  add column contradicting_result    text,
  add column contradicting_anomalies jsonb not null default '[]',
  add constraint a_contradiction_has_its_result check ((contradicted_on is null) = (contradicting_result is null));
