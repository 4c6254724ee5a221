-- name: insert_party :exec
insert into party (id, entity_id, member_id, name, vat_number, street, post_code, city, country, email, language)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: party :one
select id, entity_id, member_id, name, vat_number, street, post_code, city, country, email, language
from party
where id = $1;

-- name: parties_by_key :many
select id::text, entity_id::text, member_id::text, name, vat_number, street, post_code, city, country, email,
       language
from party
where id = any($1::uuid[]);
