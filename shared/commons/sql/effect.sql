-- name: ask_for_effect :value
-- After a restoration everything is asked about before it is sent: it may have been sent before.
insert into effect (id, kind, key, payload, headers, state)
select $1, $2, $3, $4, $5,
  case when exists (select from restoration where asks_first_until > clock_timestamp()) then 'unknown' else 'pending' end
on conflict (kind, key) do nothing
returning true;

-- name: take_effect :one
-- A row still in sending after its time is one whose worker died: what became of it is unknown.
with due as (
  select id, state as was from effect
  where state in ('pending', 'sending', 'unknown') and next_at <= $1 and kind = any($2::text[])
  order by next_at, id
  limit 1
  for update skip locked
)
update effect
set state = case due.was when 'pending' then 'sending' else 'unknown' end,
  attempts = effect.attempts + (due.was = 'pending')::int,
  asked = effect.asked + (due.was <> 'pending')::int,
  next_at = $3
from due
where effect.id = due.id
returning effect.id, effect.kind, effect.key, effect.payload, effect.headers, effect.state, effect.attempts,
  effect.asked, effect.created;

-- name: lock_effect :one
select state, attempts, asked from effect where id = $1 for update;

-- name: end_effect :exec
update effect set state = $2, result = $3, error = $4, ended = clock_timestamp() where id = $1;

-- name: postpone_effect :exec
update effect set state = $2, error = $3, next_at = $4 where id = $1;

-- name: count_effects :many
select kind, state, count(*)::int as effects,
  extract(epoch from clock_timestamp() - min(created))::float8 as oldest_seconds
from effect
where state in ('pending', 'sending', 'unknown', 'failed')
group by kind, state;

-- name: ask_again :value
update effect set asked = 0, next_at = clock_timestamp() where kind = $1 and key = $2 and state = 'unknown' returning true;

-- name: find_effects_to_look_at :many
-- What failed lately, and what has been waiting for long.
select kind, state, count(*)::int as effects, min(created) as since
from effect
where (state = 'failed' and ended >= $1) or (state in ('pending', 'sending', 'unknown') and created < $2)
group by kind, state
order by kind, state;
