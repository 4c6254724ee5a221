-- name: schedule_deadline :value
insert into deadline (id, kind, key, entity_id, due_date, data, headers)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (key) do nothing
returning true;

-- name: take_deadline :one
-- In the order in which the law would have met them, also after a jump of several days.
select deadline.id, kind, key, entity_id, due_date, data, headers, attempts
from deadline join business_day using (entity_id)
where done_at is null
  and next_at <= $1
  and due_date <= coalesce(business_day.day, ($1::timestamptz at time zone business_day.time_zone)::date)
  and kind = any($2::text[])
order by due_date, deadline.id
limit 1
for update of deadline skip locked;

-- name: end_deadline :value
update deadline set done_at = clock_timestamp(), outcome = $2 where id = $1 and done_at is null returning true;

-- name: cancel_deadline :value
update deadline set done_at = clock_timestamp(), outcome = 'canceled' where key = $1 and done_at is null returning true;

-- name: postpone_deadline :exec
update deadline set attempts = attempts + $2, next_at = $3, error = $4 where id = $1;

-- name: count_failing_deadlines :value
select count(*)::int from deadline where done_at is null and attempts > 0;

-- name: find_failing_deadlines :many
select kind, count(*)::int as deadlines, min(due_date) as since
from deadline
where done_at is null and attempts > 0
group by kind
order by kind;
