-- name: insert_entity :exec
insert into entity (id, name, legal_form, currency)
values ($1, $2, $3, $4)
on conflict do nothing;

-- name: lock_entity :one
-- Locked, so that two verdicts of one entity follow each other and count each other's exposure.
select name, currency
from entity
where id = $1
for no key update;

-- name: note_admission :exec
insert into member_standing (member_id, entity_id, admitted_on)
values ($1, $2, $3)
on conflict (member_id, entity_id) do update set admitted_on = coalesce(member_standing.admitted_on, excluded.admitted_on);

-- name: note_entitlement :exec
insert into member_standing (member_id, entity_id, entitled_until)
values ($1, $2, $3)
on conflict (member_id, entity_id) do update
set entitled_until = greatest(member_standing.entitled_until, excluded.entitled_until);

-- name: end_entitlement :exec
update member_standing
set entitled_until = least(entitled_until, $3::date - 1)
where member_id = $1
  and entity_id = $2;

-- name: entitled_until :value
select entitled_until
from member_standing
where member_id = $1
  and entity_id = $2;
