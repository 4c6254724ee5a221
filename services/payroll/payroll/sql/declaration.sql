-- name: insert_declaration :value
insert into declaration (id, contract_id, kind, state)
values ($1, $2, $3, 'draft')
on conflict on constraint one_declaration_of_a_kind do nothing
returning id;

-- name: declaration_for_update :one
-- Locked, so that two workers never write down two fates.
select id, contract_id, kind, state, reference, period_id, result, anomalies, request, answer, second_answer,
       contradicted_on
from declaration
where id = $1
for update;

-- name: declaration_reference :value
select reference
from declaration
where id = $1;

-- name: declared_period :value
select period_id
from declaration
where contract_id = $1
  and kind = 'in';

-- name: update_declaration :exec
update declaration
set state = $2, reference = $3, period_id = $4, result = $5, anomalies = $6,
    decided_at = case when $7 then coalesce(decided_at, clock_timestamp()) end
where id = $1;

-- name: keep_request :exec
update declaration
set request = $2, sent_at = clock_timestamp()
where id = $1;

-- name: keep_answer :exec
update declaration
set answer = $2
where id = $1;

-- name: keep_second_answer :exec
update declaration
set second_answer = $2
where id = $1;

-- name: contradict_declaration :exec
update declaration
set contradicted_on = $2, contradicting_result = $3, contradicting_anomalies = $4
where id = $1;

-- name: hire_of_contract :one
-- The declaration of the hire and whether the authority has contradicted itself.
select id, contradicted_on
from declaration
where contract_id = $1
  and kind = 'in';

-- name: declarations_by_contract :many
select id::text, contract_id::text, kind, state, reference, period_id, result, anomalies, sent_at, decided_at,
       contradicted_on, contradicting_result, contradicting_anomalies
from declaration
where contract_id = any($1::uuid[])
order by contract_id, kind = 'cancel';  -- what is taken back was declared before; derived ids do not tell

-- name: count_declarations_waiting :one
-- One that was not sent yet waits since it was made: its identifier begins with that instant in milliseconds.
select count(*)::int as count,
       min(coalesce(sent_at, to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)))
         as since
from declaration
where decided_at is null
  and $1::timestamptz is not null;
