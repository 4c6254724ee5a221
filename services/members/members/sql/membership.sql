-- name: insert_membership :exec
insert into membership (id, member_id, entity_id, category, applied_on)
values ($1, $2, $3, $4, $5);

-- name: membership :one
-- Locked, so that subscribing, leaving and coming back follow each other.
select id, member_id, entity_id, category, applied_on, admitted_on, resigned_on
from membership
where member_id = $1
  and entity_id = $2
for update;

-- name: end_membership :exec
update membership
set resigned_on = $2
where id = $1;

-- name: reopen_membership :exec
-- Whoever comes back is an applicant again; the register and the letters keep what was before.
update membership
set category = $2, applied_on = $3, admitted_on = null, resigned_on = null
where id = $1;

-- name: insert_resignation :exec
insert into resignation (id, membership_id, entity_id, letter_date, resigned_on, recorded_by, register_number)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: admit :value
-- Null where the member was admitted before.
update membership
set admitted_on = $3
where member_id = $1
  and entity_id = $2
  and admitted_on is null
returning id;

-- name: memberships_by_member :many
select member_id::text, entity_id::text, category, applied_on, admitted_on, resigned_on
from membership
where member_id = any($1::uuid[])
order by member_id, applied_on, id;
