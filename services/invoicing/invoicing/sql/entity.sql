-- name: insert_entity :exec
insert into entity (id, name, legal_form, enterprise_number, vat_number, iban, street, post_code, city, country,
                    currency, simulated, registered_on)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: entity :one
select id, name, legal_form, enterprise_number, vat_number, iban, street, post_code, city, country, currency,
       simulated
from entity
where id = $1;

-- name: sellers_by_key :many
select id, name, legal_form, enterprise_number, vat_number, iban, street, post_code, city, country, currency,
       simulated
from entity
where id = any($1::uuid[]);

-- name: entities_by_key :many
select id::text, name, legal_form, enterprise_number, vat_number, iban, currency, simulated
from entity
where id = any($1::uuid[]);

-- name: entities_page :many
select id::text, name, legal_form, enterprise_number, vat_number, iban, currency, simulated
from entity
where $1::uuid is null or id > $1
order by id
limit $2;

-- name: note_admission :exec
insert into member_standing (member_id, entity_id, admitted_on)
values ($1, $2, $3)
on conflict (member_id, entity_id) do update set admitted_on = excluded.admitted_on, resigned_on = null;

-- name: note_resignation :exec
update member_standing
set resigned_on = $3, entitled_until = least(entitled_until, $3::date - 1)
where member_id = $1
  and entity_id = $2;

-- name: note_entitlement :exec
insert into member_standing (member_id, entity_id, entitled_until)
values ($1, $2, $3)
on conflict (member_id, entity_id) do update
set entitled_until = greatest(member_standing.entitled_until, excluded.entitled_until);

-- name: member_standing :one
select admitted_on, entitled_until, resigned_on
from member_standing
where member_id = $1
  and entity_id = $2;
