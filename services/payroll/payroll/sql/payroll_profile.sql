-- name: put_payroll_profile :exec
insert into payroll_profile (member_id, language, completed_on, person)
values ($1, $2, $3, $4)
on conflict (member_id) do update
set language = excluded.language, completed_on = excluded.completed_on, person = excluded.person;

-- name: payroll_profile :one
select member_id, language, completed_on, person
from payroll_profile
where member_id = $1;

-- name: payroll_profile_for_update :one
-- Locked, so that two payslips of one member follow each other: each counts what the other did.
select member_id, language, completed_on, person
from payroll_profile
where member_id = $1
for update;

-- name: payroll_profiles_for_update :many
-- The same for many, always in one order.
select member_id, person
from payroll_profile
where member_id = any($1::uuid[])
order by member_id
for update;

-- name: payroll_profiles_by_member :many
select member_id::text, language, completed_on, person
from payroll_profile
where member_id = any($1::uuid[]);

-- name: log_access :exec
insert into access_log (reader, member_id, file, request_id)
select $1, member_id, $3, $4
from unnest($2::uuid[]) as read(member_id);
