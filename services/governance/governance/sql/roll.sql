-- name: insert_roll :exec
insert into roll (meeting_id, record_date, size, sha256, frozen_on)
values ($1, $2, $3, $4, $5);

-- name: insert_roll_lines :exec
-- In one statement: the database refuses a line beyond the size of the roll.
insert into roll_line (meeting_id, member_id, category, votes)
select $1, line.member_id, line.category, line.votes
from unnest($2::uuid[], $3::text[], $4::int[]) as line (member_id, category, votes);

-- name: roll_lines_of_meeting :many
select member_id, category, votes
from roll_line
where meeting_id = $1
order by member_id;

-- name: roll_lines_of_member :many
select member_id, category, votes
from roll_line
where meeting_id = $1
  and member_id = $2;

-- name: roll_page :many
select meeting_id::text, member_id::text, category, votes
from roll_line
where meeting_id = $1
  and ($2::uuid is null or member_id > $2)
order by member_id
limit $3;
