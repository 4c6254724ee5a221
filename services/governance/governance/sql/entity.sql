-- name: insert_entity :exec
insert into entity (id, name, legal_form, seat)
values ($1, $2, $3, $4)
on conflict do nothing;

-- name: entity :one
select id, name, legal_form, seat
from entity
where id = $1;
