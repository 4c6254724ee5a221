-- name: claim_event :one
-- Takes the place of an event where it is the next of its aggregate and nothing is parked before it.
with state as (
  select
    coalesce((select max(agg_version) from inbox
      where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4), 0) as last,
    (select min(agg_version) from parked
      where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4) as parked_from
), claimed as (
  insert into inbox (consumer, topic, agg_type, agg_id, agg_version, event_id, created)
  select $1, $2, $3, $4, $5, $6, $7 from state
  where $5 = last + 1 and (parked_from is null or parked_from > $5)
  on conflict do nothing
  returning true
)
select last, parked_from, exists (select from claimed) as claimed from state;

-- name: handled_event_id :value
select event_id from inbox
where consumer = $1 and topic = $2 and agg_type = $3 and agg_id = $4 and agg_version = $5;

-- name: received_between :one
-- Parked events have arrived too.
select count(*)::int as count,
  bit_xor(('x' || replace(event_id::text, '-', ''))::bit(128))::text as ids
from (
  select event_id from inbox where consumer = $1 and topic = $2 and created >= $3 and created < $4
  union
  select event_id from parked where consumer = $1 and topic = $2 and created >= $3 and created < $4
) as received;
