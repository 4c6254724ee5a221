-- name: take_back :value
-- What others know of us, as they know it: the same id and version, and nothing to be published.
with known as (
  insert into outbox (id, topic, agg_type, agg_id, agg_version, type, data, headers, created, published, taken_back)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp(), clock_timestamp())
  on conflict do nothing
  returning agg_type, agg_id, agg_version
)
insert into aggregate_version as counter (agg_type, agg_id, version)
select agg_type, agg_id, agg_version from known
on conflict (agg_type, agg_id) do update set version = greatest(counter.version, excluded.version)
returning version;

-- name: doubt_effects :many
-- What was not done yet may have been done after the moment to which this database went back.
update effect set state = 'unknown', next_at = 'epoch' where state in ('pending', 'sending') returning id;

-- name: record_restoration :exec
insert into restoration (since, asks_first_until, requested_by, reason)
values ($1, clock_timestamp() + make_interval(days => $2), $3, $4);

-- name: not_told_again :many
select created, type, agg_type, agg_id, agg_version
from outbox
where taken_back is not null and told_again is null
order by created, seq
limit $1;
