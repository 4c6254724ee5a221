-- name: insert_meeting :exec
insert into meeting (id, entity_id, kind, title, meeting_date, place, rules, convened_on, record_date, notice_check)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: meeting_for_update :one
-- Locked first, before its resolutions: opening and closing follow each other.
select m.id, m.entity_id, m.kind, m.meeting_date, m.place, m.rules, m.convened_on, m.record_date, m.opened_on,
       m.closed_on, r.size as roll_size, r.sha256 as roll_sha256, n.written_on as minuted_on
from meeting m
left join roll r on r.meeting_id = m.id
left join minutes n on n.meeting_id = m.id
where m.id = $1
for update of m;

-- name: meeting_for_share :one
-- Many members may come at once; opening and closing wait for each of them.
select m.id, m.entity_id, m.kind, m.meeting_date, m.place, m.rules, m.convened_on, m.record_date, m.opened_on,
       m.closed_on, r.size as roll_size, r.sha256 as roll_sha256, n.written_on as minuted_on
from meeting m
left join roll r on r.meeting_id = m.id
left join minutes n on n.meeting_id = m.id
where m.id = $1
for share of m;

-- name: meeting_to_read :one
select m.id, m.entity_id, m.kind, m.meeting_date, m.place, m.rules, m.convened_on, m.record_date, m.opened_on,
       m.closed_on, r.size as roll_size, r.sha256 as roll_sha256, n.written_on as minuted_on
from meeting m
left join roll r on r.meeting_id = m.id
left join minutes n on n.meeting_id = m.id
where m.id = $1;

-- name: set_notice_check :exec
update meeting
set notice_check = $2
where id = $1;

-- name: mark_meeting_opened :exec
update meeting
set opened_on = $2,
    notice_check = $3
where id = $1;

-- name: mark_meeting_closed :exec
update meeting
set closed_on = $2
where id = $1;

-- name: insert_notice_waiver :exec
insert into notice_waiver (meeting_id, member_id, waived_on)
values ($1, $2, $3)
on conflict do nothing;

-- name: notice_waivers_of_meeting :many
select member_id
from notice_waiver
where meeting_id = $1;

-- name: insert_attendance :exec
insert into attendance (meeting_id, member_id, registered_on)
values ($1, $2, $3)
on conflict do nothing;

-- name: attendance_of_meeting :many
select member_id
from attendance
where meeting_id = $1;

-- name: meetings_by_key :many
select m.id::text, m.entity_id::text, m.kind, m.title, m.meeting_date, m.place, m.record_date, m.convened_on,
       m.opened_on, m.closed_on, n.written_on, m.notice_check, r.size, r.sha256,
       (select count(*) from attendance a where a.meeting_id = m.id)::int as present
from meeting m
left join roll r on r.meeting_id = m.id
left join minutes n on n.meeting_id = m.id
where m.id = any($1::uuid[]);

-- name: meetings_of_entity :many
select m.id::text, m.entity_id::text, m.kind, m.title, m.meeting_date, m.place, m.record_date, m.convened_on,
       m.opened_on, m.closed_on, n.written_on, m.notice_check, r.size, r.sha256,
       (select count(*) from attendance a where a.meeting_id = m.id)::int as present
from meeting m
left join roll r on r.meeting_id = m.id
left join minutes n on n.meeting_id = m.id
where m.entity_id = $1
  and ($2::uuid is null or m.id < $2)
order by m.id desc
limit $3;
