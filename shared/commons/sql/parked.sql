-- name: park :value
insert into parked (consumer, topic, agg_type, agg_id, agg_version, event_id, created, event, kind, reason, retry_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict do nothing
returning true;

-- name: parked_due :many
-- Only the first of each aggregate may be tried; those behind it wait for it.
select topic, agg_type, agg_id
from parked
where consumer = $1 and retry_at <= $2
  and not exists (
    select from parked as before
    where before.consumer = parked.consumer and before.topic = parked.topic
      and before.agg_type = parked.agg_type and before.agg_id = parked.agg_id
      and before.agg_version < parked.agg_version)
order by retry_at
limit $3;

-- name: parked_head :one
-- Locked: two workers never try the same aggregate at once. A head that another one tries is no reason to take
-- the event behind it, which would look like a gap and be asked for again.
select agg_version, event, kind, attempts, retry_at
from parked
where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4
  and agg_version = (
    select min(agg_version) from parked
    where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4)
for update skip locked;

-- name: parked_head_for_a_person :one
-- Waits for a worker that is trying it.
select agg_version, event
from parked
where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4
order by agg_version
limit 1
for update;

-- name: take_in_parked :one
-- The inbox row of a parked event, where it is the next of its aggregate.
with state as (
  select coalesce(max(agg_version), 0) as last from inbox
  where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4
), claimed as (
  insert into inbox (consumer, topic, agg_type, agg_id, agg_version, event_id, created)
  select $1, $2, $3, $4, $5, $6, $7 from state where $5 = last + 1
  on conflict do nothing
  returning true
)
select last, exists (select from claimed) as claimed from state;

-- name: unpark :exec
delete from parked where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4 and agg_version = $5;

-- name: postpone_parked :exec
update parked set kind = $6, reason = $7, attempts = attempts + 1, retry_at = $8
where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4 and agg_version = $5;

-- name: hurry_parked :exec
update parked set retry_at = least(retry_at, $5)
where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4 and kind in ('gap', 'behind');

-- name: release_parked :exec
update parked set attempts = 0, retry_at = $6
where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4 and agg_version = $5;

-- name: record_parked_decision :exec
insert into parked_decision (consumer, topic, agg_type, agg_id, agg_version, event, decision, released_by, reason)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: find_parked :many
select consumer, topic, agg_type, agg_id, agg_version, event, kind, reason, attempts, retry_at, first_seen
from parked
order by first_seen, agg_version
limit $1;

-- name: count_parked_keys :many
-- By the reason of the first event of each aggregate.
select kind, count(*)::int as keys
from (
  select distinct on (consumer, topic, agg_type, agg_id) kind
  from parked order by consumer, topic, agg_type, agg_id, agg_version
) as heads
group by kind;

-- name: find_parked_keys :many
-- The first event of each aggregate and how many wait behind it, those that need a person first.
select head.topic, head.agg_type, head.agg_id, head.agg_version, head.event ->> 'type' as type, head.kind, head.reason,
  head.attempts, head.first_seen, head.retry_at,
  (select count(*)::int from parked as behind
    where behind.consumer = head.consumer and behind.topic = head.topic and behind.agg_type = head.agg_type
      and behind.agg_id = head.agg_id and behind.agg_version > head.agg_version) as behind
from parked as head
where head.consumer = $1
  and not exists (
    select from parked as before
    where before.consumer = head.consumer and before.topic = head.topic and before.agg_type = head.agg_type
      and before.agg_id = head.agg_id and before.agg_version < head.agg_version)
order by head.kind <> 'failed', head.first_seen
limit $2;

-- name: parked_events_of_key :many
select agg_version, event, kind, reason, attempts, first_seen
from parked
where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4
order by agg_version
limit $5;

-- name: find_parked_decisions :many
select decided, released_by, reason, decision, topic, agg_type, agg_id, agg_version, event ->> 'type' as type
from parked_decision
order by id desc
limit $1;
