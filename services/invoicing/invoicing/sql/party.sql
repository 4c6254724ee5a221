-- name: insert_party :exec
insert into party (id, entity_id, member_id, name, vat_number, street, post_code, city, country, email, language)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: party :one
select id, entity_id, member_id, name, vat_number, street, post_code, city, country, email, language
from party
where id = $1;

-- name: parties_by_key :many
select p.id::text, p.entity_id::text, p.member_id::text, p.name, p.vat_number, p.street, p.post_code, p.city, p.country,
       p.email, p.language, d.reason, d.defaulted_on
from party p
left join client_default d on d.party_id = p.id
where p.id = any($1::uuid[]);

-- name: same_clients :many
-- The client and its other registrations in the entity: each member registers a client anew.
select p.id
from party p
join party known on known.id = $1
where p.entity_id = known.entity_id
  and (p.id = known.id or (known.vat_number <> '' and p.vat_number = known.vat_number))
order by p.id;

-- name: insert_client_default :value
-- Null where it was declared before.
insert into client_default (party_id, entity_id, reason, defaulted_on, declared_on, declared_by)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning party_id;

-- name: default_of_vat_number :one
select d.reason, d.defaulted_on
from client_default d
join party p on p.id = d.party_id
where p.entity_id = $1
  and p.vat_number = $2
  and p.vat_number <> ''
limit 1;
