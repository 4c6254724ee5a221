-- name: insert_membership :exec
insert into membership (id, member_id, entity_id, category, applied_on)
values ($1, $2, $3, $4, $5);

-- name: membership :one
select id, member_id, entity_id, category, applied_on, admitted_on
from membership
where member_id = $1
  and entity_id = $2;

-- name: admit :value
-- Null where the member was admitted before.
update membership
set admitted_on = $3
where member_id = $1
  and entity_id = $2
  and admitted_on is null
returning id;

-- name: memberships_by_member :many
select member_id::text, entity_id::text, category, applied_on, admitted_on
from membership
where member_id = any($1::uuid[])
order by member_id, applied_on, id;
