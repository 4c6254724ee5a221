-- name: insert_minutes :exec
insert into minutes (meeting_id, text, sha256, written_on)
values ($1, $2, $3, $4);

-- name: minutes_by_meeting :many
select meeting_id::text, text, sha256, written_on
from minutes
where meeting_id = any($1::uuid[]);
