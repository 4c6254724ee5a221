-- name: note_difference :exec
insert into reconciliation_difference (consumer, topic, hour_start, hour_end, published, ids, received)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (consumer, topic, hour_start) do update
set published = excluded.published, ids = excluded.ids, received = excluded.received,
  asked = reconciliation_difference.asked + 1;

-- name: end_difference :exec
delete from reconciliation_difference where consumer = $1 and topic = $2 and hour_start = $3;

-- name: differences_no_longer_told :many
-- The producer tells an hour a few times only; after that its reader has to remember it.
select topic, hour_start, hour_end, published, ids
from reconciliation_difference
where consumer = $1 and hour_end < $2 and asked < $3
order by hour_start
limit $4;

-- name: count_differences :many
select topic, count(*)::int as hours from reconciliation_difference group by topic;

-- name: find_differences :many
select consumer, topic, hour_start, published, received, asked, noticed
from reconciliation_difference
order by noticed
limit $1;
