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

-- name: activities_by_key :many
select id::text, entity_id::text, member_id::text, name, opened_on, closed_on
from activity
where id = any($1::uuid[]);

-- name: activities_of_member :many
select id::text, entity_id::text, member_id::text, name, opened_on, closed_on
from activity
where member_id = $1
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
