-- name: take_back :value
-- What others know of us, as they know it: the same id and version, and nothing to be published.
with known as (
  insert into outbox (id, topic, agg_type, agg_id, agg_version, type, data, headers, created, published)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp())
  on conflict do nothing
  returning id, agg_type, agg_id, type, agg_version
), counted as (
  insert into aggregate_version as counter (agg_type, agg_id, version)
  select agg_type, agg_id, agg_version from known
  on conflict (agg_type, agg_id) do update set version = greatest(counter.version, excluded.version)
)
insert into taken_back (id, agg_type, agg_id, type, agg_version)
select id, agg_type, agg_id, type, agg_version from known
returning true;

-- name: oldest_not_received :one
-- Of these events, those from an instant on that the inbox does not have.
select count(*)::int as events, min(said.created) as oldest
from unnest($2::text[], $3::text[], $4::uuid[], $5::int[], $6::timestamptz[])
  as said (topic, agg_type, agg_id, agg_version, created)
where ($7::timestamptz is null or said.created > $7)
  and not exists (
    select from inbox
    where consumer = $1 and inbox.topic = said.topic and inbox.agg_type = said.agg_type
      and inbox.agg_id = said.agg_id and inbox.agg_version = said.agg_version)
  and not exists (
    select from parked
    where consumer = $1 and parked.topic = said.topic and parked.agg_type = said.agg_type
      and parked.agg_id = said.agg_id and parked.agg_version = said.agg_version);

-- name: doubt_effects :many
-- What was not done yet may have been done after the moment to which this database went back.
update effect set state = 'unknown', next_at = 'epoch' where state in ('pending', 'sending') returning id;

-- name: record_restoration :exec
insert into restoration (generation, since, asks_first_until, requested_by, reason)
values ($1, $2, clock_timestamp() + make_interval(days => $3), $4, $5);

-- name: generation :value
-- Of which generation this database is, as far as it knows: a copy that nobody has told of its restoration says the old.
select coalesce(max(generation), 1) from restoration;

-- name: left_from_before :many
-- What was told before the restoration and is not true again, or is true in other words.
select outbox.created, outbox.type, outbox.agg_type, outbox.agg_id, outbox.agg_version, outbox.data, told_otherwise
from taken_back join outbox using (id)
where told_again is null or told_otherwise is not null
order by outbox.created, outbox.seq
limit $1;

-- name: forgotten_aggregate :one
-- What others know an aggregate by that we announced before the restoration, and that nobody has asked for again.
select taken_back.agg_id, outbox.data
from taken_back join outbox using (id)
where taken_back.type = $1 and told_again is null and outbox.data @> $2
order by outbox.seq
limit 1;

-- name: note_set_back :exec
insert into set_back (sentence) values ($1);

-- name: set_back_since :value
-- What a worker noticed, and nobody has decided about since.
select sentence from set_back
where noticed > coalesce((select max(decided) from restoration), '-infinity')
order by noticed
limit 1;

-- name: restored_last :value
select max(decided) from restoration;

-- name: said_and_unknown :one
-- Of these events of our own, those that the outbox does not have.
select count(*)::int as events, min(said.created) as oldest
from unnest($1::uuid[], $2::timestamptz[]) as said (id, created)
where not exists (select from outbox where outbox.id = said.id)
  and said.created > coalesce((select max(decided) from restoration), '-infinity');

-- name: told_before :many
-- The events that announcing these facts will tell again.
select distinct on (taken_back.agg_id) taken_back.agg_id, outbox.data
from taken_back join outbox using (id)
where taken_back.agg_type = $1 and taken_back.agg_id = any($2::uuid[]) and taken_back.type = $3 and told_again is null
order by taken_back.agg_id, taken_back.agg_version;
