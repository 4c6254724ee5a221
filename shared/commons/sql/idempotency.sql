-- name: wait_for_idempotency_key :value
-- How long this transaction waits for another one that holds the key.
select set_config('lock_timeout', $1, true);

-- name: claim_idempotency_key :value
-- Waits for an open transaction that claimed the same key; nothing comes back where that one committed.
insert into idempotency (subject, operation, key, request_hash) values ($1, $2, $3, $4)
on conflict do nothing
returning true;

-- name: stored_answer :one
select request_hash, kind, answer from idempotency where subject = $1 and operation = $2 and key = $3;

-- name: store_answer :exec
update idempotency set kind = $4, answer = $5 where subject = $1 and operation = $2 and key = $3;

-- name: forget_idempotency_keys :many
delete from idempotency
where (subject, operation, key) in (
  select subject, operation, key
  from idempotency
  where created < now() - make_interval(days => $1)
  order by created
  limit $2
  for update skip locked
)
returning key;
