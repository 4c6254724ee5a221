-- name: insert_confirmed_order :exec
insert into confirmed_order (id, entity_id, activity_id, member_id, start_date, end_date, confirmed_on, buyer_id)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing;

-- name: confirmed_order_for_update :one
-- Locked, so that a contract and the cancellation of its order follow one another.
select id, entity_id, activity_id, member_id, start_date, end_date, cancelled_on, buyer_id
from confirmed_order
where id = $1
for update;

-- name: cancel_confirmed_order :exec
update confirmed_order
set cancelled_on = $2
where id = $1
  and cancelled_on is null;

-- name: order_members :many
select id::text, member_id::text,
       array(select p.member_id::text from activity_participant p
             where p.activity_id = confirmed_order.activity_id) as participants
from confirmed_order
where id = any($1::uuid[]);

-- name: insert_participant :exec
insert into activity_participant (activity_id, member_id, joined_on)
values ($1, $2, $3)
on conflict do nothing;

-- name: is_participant :value
select true
from activity_participant
where activity_id = $1
  and member_id = $2;
