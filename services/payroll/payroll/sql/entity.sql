-- name: insert_entity :exec
insert into entity
  (id, name, legal_form, currency, iban, enterprise_number, street, post_code, city, country, simulated)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict do nothing;

-- name: entity :one
select id, name, legal_form, currency, iban, enterprise_number, street, post_code, city, country, simulated
from entity
where id = $1;
