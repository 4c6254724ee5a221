-- A database that was restored to an earlier moment: what it must not do blindly, and what it said and forgot.

create table restoration (
  id               bigint generated always as identity primary key,
  since            timestamptz not null,
  asks_first_until timestamptz not null,
  requested_by     text        not null,
  reason           text        not null,
  decided          timestamptz not null default clock_timestamp(),
  constraint restoration_who_and_why check (btrim(requested_by) <> '' and btrim(reason) <> '')
);
create trigger decision_is_kept before update or delete or truncate on restoration
  for each statement execute function decision_is_kept();

-- An event that this service had published and lost, taken back from its topic, and when its fact became true again.
alter table outbox add column taken_back timestamptz, add column told_again timestamptz;
create index outbox_taken_back on outbox (agg_type, agg_id, type, agg_version)
  where taken_back is not null and told_again is null;
