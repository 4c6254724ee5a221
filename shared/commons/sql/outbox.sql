-- name: append_to_outbox :one
-- One statement: the counter row is locked before the sequence is read, so seq order is commit order per aggregate.
-- After a restoration a fact that was told before becomes true again: others know it, and it is not told twice.
with again as (
  update taken_back
  set told_again = clock_timestamp(), told_otherwise = case when outbox.data is distinct from $6 then $6 end
  from outbox
  where outbox.id = taken_back.id and told_again is null and taken_back.id = (
    select id from taken_back
    where agg_type = $3 and agg_id = $4 and type = $5 and told_again is null
    order by agg_version
    limit 1
  )
  returning taken_back.id
), next as (
  insert into aggregate_version as counter (agg_type, agg_id, version)
  select $3, $4, 1 where not exists (select from again)
  on conflict (agg_type, agg_id) do update set version = counter.version + 1
  returning version
), added as (
  insert into outbox (id, topic, agg_type, agg_id, agg_version, type, data, headers)
  select $1, $2, $3, $4, next.version, $5, $6, $7 from next
  returning id
)
select id from again union all select id from added;

-- name: unpublished :many
-- Never a cursor: sequence values commit out of order, and a row that commits late would be passed over.
select seq, id, topic, agg_type, agg_id, agg_version, type, data, headers, created
from outbox
where published is null
order by seq
limit $1
for update skip locked;

-- name: mark_published :exec
update outbox set published = clock_timestamp() where seq = any($1::bigint[]);

-- name: try_to_lead_relay :value
select pg_try_advisory_lock(7210, 1);

-- name: outbox_oldest_unpublished_seconds :value
select coalesce(extract(epoch from clock_timestamp() - min(created)), 0)::float8 from outbox where published is null;

-- name: replay :many
-- Every condition that is given must hold; the inbox of each reader makes the repetition harmless.
update outbox set published = null
where published is not null
  and topic = $1
  and ($2::text is null or agg_type = $2)
  and ($3::uuid is null or agg_id = $3)
  and ($4::int is null or agg_version >= $4)
  and ($5::int is null or agg_version <= $5)
  and ($6::text is null or type = $6)
  and ($7::timestamptz is null or created >= $7)
  and ($8::timestamptz is null or created < $8)
returning seq;

-- name: published_between :one
-- Count and XOR of the ids of a closed hour; while a row still waits it cannot be compared.
select count(*)::int as count,
  bit_xor(('x' || replace(id::text, '-', ''))::bit(128))::text as ids,
  coalesce(bool_or(published is null), false) as waits
from outbox
where topic = $1 and created >= $2 and created < $3;

-- name: record_replay_decision :exec
insert into replay_decision
  (topic, agg_type, agg_id, first_version, last_version, event_type, since, until, events, requested_by, reason)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: find_replay_decisions :many
select decided, requested_by, reason, topic, agg_type, agg_id, event_type, since, until, events
from replay_decision
order by id desc
limit $1;

-- name: unpublished_age :one
select count(*)::int as events, coalesce(extract(epoch from clock_timestamp() - min(created)), 0)::float8 as seconds
from outbox where published is null;
