-- name: insert_write_off :exec
insert into write_off (id, order_id, entity_id, amount_minor, currency, proposed_on)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing;

-- name: lock_write_off :one
-- Locked: two members of the board decide one after the other.
select id, order_id, entity_id, amount_minor, currency, proposed_on, approved_on
from write_off
where id = $1
for update;

-- name: mark_write_off_approved :exec
update write_off
set approved_on = $2,
    approved_by = $3,
    grounds = $4
where id = $1;

-- name: write_offs_by_key :many
select id::text, order_id::text, entity_id::text, amount_minor, currency, proposed_on, approved_on, grounds
from write_off
where id = any($1::uuid[]);

-- name: write_offs_of_entity :many
-- The oldest proposal first; of the decided or the undecided alone where $4 says so.
select id::text, order_id::text, entity_id::text, amount_minor, currency, proposed_on, approved_on, grounds
from write_off
where entity_id = $1
  and ($2::uuid is null or id > $2)
  and ($4::boolean is null or (approved_on is not null) = $4)
order by id
limit $3;
