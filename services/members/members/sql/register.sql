-- name: next_register_number :value
-- The counter row stays locked until commit, so the register has no gap.
insert into register_counter (entity_id, last)
values ($1, 1)
on conflict (entity_id) do update set last = register_counter.last + 1
returning last;

-- name: insert_register_entry :exec
insert into register_entry
  (entity_id, number, member_id, kind, quantity, amount_minor, currency, category, effective_on, recorded_on,
   counterpart_id, subscription_id, of_number, reason)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: register_entries_of_members :many
select entity_id, number, member_id, kind, quantity, amount_minor, currency, category, effective_on, recorded_on,
       counterpart_id, subscription_id, of_number, reason
from register_entry
where member_id = any($1::uuid[])
order by entity_id, number;

-- name: member_of_register_number :value
select member_id
from register_entry
where entity_id = $1
  and number = $2;

-- name: redemption_entries_of_entity :many
-- The requests of a page, each followed by its instalments.
with request as (
  select number
  from register_entry
  where entity_id = $1
    and kind = 'redemption_requested'
    and number > $2::bigint
  order by number
  limit $3
)
select e.entity_id, e.number, e.member_id, e.kind, e.quantity, e.amount_minor, e.currency, e.category,
       e.effective_on, e.recorded_on, e.counterpart_id, e.subscription_id, e.of_number, e.reason
from request r
join register_entry e on e.entity_id = $1
  and (e.number = r.number or e.kind = 'redemption_paid' and e.of_number = r.number)
order by r.number, e.number;

-- name: register_entries_of_entity :many
select entity_id::text, number, member_id::text, kind, quantity, amount_minor, currency, category, effective_on
from register_entry
where entity_id = $1
  and number > $2::bigint
order by number
limit $3;
