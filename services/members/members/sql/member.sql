-- name: member_for_subject :one
-- Locked, so that two applications of one person follow each other.
select id, subject, given_name, family_name, email, language, birth_date
from member
where subject = $1
for update;

-- name: insert_member :exec
insert into member (id, subject, given_name, family_name, email, language, birth_date)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: members_by_key :many
select id::text, subject, given_name, family_name, email, language
from member
where id = any($1::uuid[]);

-- name: member_key_by_subject :value
select id
from member
where subject = $1;

-- name: members_of_entity :many
select m.id::text, m.subject, m.given_name, m.family_name, m.email, m.language
from membership s
join member m on m.id = s.member_id
where s.entity_id = $1
  and ($2::uuid is null or m.id > $2)
order by m.id
limit $3;
