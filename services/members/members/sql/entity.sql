-- name: insert_entity :exec
insert into entity (id, name, legal_form, currency, iban)
values ($1, $2, $3, $4, $5)
on conflict do nothing;

-- name: entity :one
select id, name, legal_form, currency, iban
from entity
where id = $1;
