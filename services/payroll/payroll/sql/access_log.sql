-- name: find_file_readings :many
-- By the index on (member_id, at): the number only tells readings of the same moment apart.
select id, member_id::text, at, reader, file, request_id
from access_log
where member_id = $1
  and ($2::timestamptz is null or (at, id) < ($2, $3::bigint))
order by at desc, id desc
limit $4;
