-- name: insert_resolution :exec
insert into resolution (id, meeting_id, number, title, kind, texts, authoritative_language, text_sha256)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: meeting_of_resolution :value
select meeting_id
from resolution
where id = $1;

-- name: resolution_for_update :one
-- The close waits here for the votes that are being given, so that every one of them is counted.
select id, meeting_id, number, kind, texts, authoritative_language, text_sha256, ballot_opened_on, ballot_closed_on,
       outcome, for_count, against_count, abstain_count, represented, one_vote_check, quorum_check, majority_check
from resolution
where id = $1
for update;

-- name: resolution_for_vote :one
-- Many vote at once; a close that began earlier is waited for.
select id, meeting_id, number, kind, texts, authoritative_language, text_sha256, ballot_opened_on, ballot_closed_on,
       outcome, for_count, against_count, abstain_count, represented, one_vote_check, quorum_check, majority_check
from resolution
where id = $1
for share;

-- name: resolutions_to_minute :many
select id, meeting_id, number, kind, texts, authoritative_language, text_sha256, ballot_opened_on, ballot_closed_on,
       outcome, for_count, against_count, abstain_count, represented, one_vote_check, quorum_check, majority_check
from resolution
where meeting_id = $1
order by number;

-- name: mark_ballot_opened :exec
update resolution
set ballot_opened_on = $2
where id = $1;

-- name: mark_ballot_closed :exec
update resolution
set ballot_closed_on = $2,
    outcome = $3,
    for_count = $4,
    against_count = $5,
    abstain_count = $6,
    represented = $7,
    one_vote_check = $8,
    quorum_check = $9,
    majority_check = $10
where id = $1;

-- name: has_voted :value
select true
from vote
where resolution_id = $1
  and member_id = $2;

-- name: insert_vote :value
-- Null where the member has voted: of two votes at once the second waits here for the first. Who votes is present.
with arrived as (
  insert into attendance (meeting_id, member_id, registered_on)
  values ($2, $3, $5)
  on conflict do nothing
)
insert into vote (resolution_id, meeting_id, member_id, choice, cast_on)
values ($1, $2, $3, $4, $5)
on conflict on constraint one_member_one_vote do nothing
returning true;

-- name: votes_of_resolution :many
select member_id, choice
from vote
where resolution_id = $1;

-- name: resolutions_by_key :many
select r.id::text, r.meeting_id::text, r.number, r.title, r.kind, r.texts, r.authoritative_language, r.text_sha256,
       r.ballot_opened_on, r.ballot_closed_on, r.outcome, r.for_count, r.against_count, r.abstain_count,
       r.one_vote_check, r.quorum_check, r.majority_check, m.rules, roll.size as roll_size,
       (select count(*) from vote v where v.resolution_id = r.id)::int as turnout,
       (select count(*) from attendance a where a.meeting_id = r.meeting_id)::int as present
from resolution r
join meeting m on m.id = r.meeting_id
left join roll on roll.meeting_id = r.meeting_id
where r.id = any($1::uuid[]);

-- name: resolutions_by_meeting :many
select r.id::text, r.meeting_id::text, r.number, r.title, r.kind, r.texts, r.authoritative_language, r.text_sha256,
       r.ballot_opened_on, r.ballot_closed_on, r.outcome, r.for_count, r.against_count, r.abstain_count,
       r.one_vote_check, r.quorum_check, r.majority_check, m.rules, roll.size as roll_size,
       (select count(*) from vote v where v.resolution_id = r.id)::int as turnout,
       (select count(*) from attendance a where a.meeting_id = r.meeting_id)::int as present
from resolution r
join meeting m on m.id = r.meeting_id
left join roll on roll.meeting_id = r.meeting_id
where r.meeting_id = any($1::uuid[])
order by r.meeting_id, r.number;
