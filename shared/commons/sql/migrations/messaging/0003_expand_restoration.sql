-- A database that was restored to an earlier moment: what it must not do blindly, and what it said and forgot.

create table restoration (
  id               bigint generated always as identity primary key,
  generation       int         not null check (generation > 0),
  since            timestamptz not null,
  asks_first_until timestamptz not null,
  requested_by     text        not null,
  reason           text        not null,
  decided          timestamptz not null default clock_timestamp(),
  constraint restoration_who_and_why check (btrim(requested_by) <> '' and btrim(reason) <> '')
);
create trigger decision_is_kept before update or delete or truncate on restoration
  for each statement execute function decision_is_kept();

-- Found by a worker: the broker knows more of this service than its database does. Over once a restoration is decided.
create table set_back (
  id       bigint generated always as identity primary key,
  noticed  timestamptz not null default clock_timestamp(),
  sentence text        not null
);

-- An event that this service had published and lost, taken back from its topic; when its fact became true again, and
-- what it would say now, where that is not what others were told.
create table taken_back (
  id             uuid        primary key references outbox (id),
  agg_type       text        not null,
  agg_id         uuid        not null,
  type           text        not null,
  agg_version    int         not null,
  taken_back     timestamptz not null default clock_timestamp(),
  told_again     timestamptz,
  told_otherwise jsonb,
  check (told_again is not null or told_otherwise is null)
);
create index taken_back_to_tell on taken_back (agg_type, agg_id, type, agg_version) where told_again is null;
create index taken_back_of_type on taken_back (type) where told_again is null;
