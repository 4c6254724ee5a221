-- name: insert_activity :exec
insert into activity (id, entity_id, member_id, name, opened_on)
values ($1, $2, $3, $4, $5);

-- name: insert_participation :exec
insert into activity_participation (activity_id, member_id, role)
values ($1, $2, $3);

-- name: activity :one
select id, entity_id, member_id, name, opened_on, closed_on
from activity
where id = $1;

-- name: participations :many
select member_id, role
from activity_participation
where activity_id = $1;

-- name: participants_by_activity :many
-- Who sees the orders of activities; an occasional participant does not.
select activity_id, array_agg(member_id::text) as participants
from activity_participation
where activity_id = any($1::uuid[])
  and role <> 'occasional_participant'
group by activity_id;

-- name: participations_by_activity :many
select activity_id::text, member_id::text, role
from activity_participation
where activity_id = any($1::uuid[])
order by activity_id, role, member_id;

-- name: invitation_for_update :one
-- Locked, so that it is accepted once.
select member_id, role
from activity_invitation
where activity_id = $1
  and member_id = $2
  and accepted_on is null
for update;

-- name: insert_invitation :exec
insert into activity_invitation (activity_id, member_id, role, invited_by, invited_on)
values ($1, $2, $3, $4, $5);

-- name: mark_invitation_accepted :exec
update activity_invitation
set accepted_on = $3
where activity_id = $1
  and member_id = $2;

-- name: open_invitations_of_member :many
select i.activity_id::text, a.name, i.role, i.invited_by::text, i.invited_on
from activity_invitation i
join activity a on a.id = i.activity_id
where i.member_id = $1
  and i.accepted_on is null
  and ($2::uuid is null or i.activity_id > $2)
order by i.activity_id
limit $3;

-- name: activities_by_key :many
select id::text, entity_id::text, member_id::text, name, opened_on, closed_on,
       array(select p.member_id::text from activity_participation p where p.activity_id = activity.id) as people,
       array(select p.member_id::text from activity_participation p
             where p.activity_id = activity.id and p.role <> 'occasional_participant') as participants,
       array(select p.member_id::text from activity_participation p
             where p.activity_id = activity.id and p.role = 'administrator') as administrators
from activity
where id = any($1::uuid[]);

-- name: activities_of_member :many
select id::text, entity_id::text, member_id::text, name, opened_on, closed_on,
       array(select p.member_id::text from activity_participation p where p.activity_id = activity.id) as people,
       array(select p.member_id::text from activity_participation p
             where p.activity_id = activity.id and p.role <> 'occasional_participant') as participants,
       array(select p.member_id::text from activity_participation p
             where p.activity_id = activity.id and p.role = 'administrator') as administrators
from activity
where id in (select p.activity_id from activity_participation p where p.member_id = $1)
  and ($2::uuid is null or id > $2)
order by id
limit $3;

-- name: budgets_by_activity :many
select a.owner::text as activity_id, b.posted, b.held, a.currency
from ledger.account a
join ledger.balance b on b.account = a.id
where a.kind = 'budget'
  and a.owner = any($1::uuid[]);

-- name: ledger_entries_by_activity :many
-- Newest first; a hold and its end are shown too, since they change what may be spent.
select a.owner::text as activity_id, e.id::text, e.code, e.effective, e.kind, e.amount, e.currency, e.is_debit,
       e.balance_after
from ledger.account a
cross join lateral (
  select t.id, j.code, j.effective, t.kind, t.amount, t.currency, t.debit = a.id as is_debit,
         case when t.debit = a.id then t.debit_after else t.credit_after end as balance_after,
         case when t.debit = a.id then t.debit_version else t.credit_version end as version
  from ledger.transfer t
  join ledger.journal j on j.id = t.journal
  where a.id in (t.debit, t.credit)
  order by version desc
  limit $2
) e
where a.kind = 'budget'
  and a.owner = any($1::uuid[])
order by a.owner, e.version desc;
