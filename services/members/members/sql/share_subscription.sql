-- name: next_reference :value
-- The row stays locked until commit, so no number is given twice.
update reference_counter
set last = last + 1
returning last;

-- name: insert_share_subscription :exec
insert into share_subscription
  (id, member_id, entity_id, category, quantity, share_value_minor, currency, reference, subscribed_on, pay_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: share_subscriptions_by_key :many
select id::text, member_id::text, entity_id::text, quantity, share_value_minor, currency, reference, subscribed_on,
       pay_by, paid_on, cancelled_on
from share_subscription
where id = any($1::uuid[]);

-- name: share_subscriptions_by_member :many
select id::text, member_id::text, entity_id::text, quantity, share_value_minor, currency, reference, subscribed_on,
       pay_by, paid_on, cancelled_on
from share_subscription
where member_id = any($1::uuid[])
order by id;

-- name: share_subscription_for_payment :one
-- Locked, so that two payments with one reference follow each other.
select id, member_id, entity_id, category, quantity, share_value_minor, currency, reference, subscribed_on, pay_by,
       paid_on, cancelled_on
from share_subscription
where reference = $1
for update;

-- name: mark_share_subscription_paid :exec
update share_subscription
set paid_on = $2
where id = $1;

-- name: cancel_open_share_subscriptions :exec
-- One that is being paid is waited for, and then left as paid.
update share_subscription
set cancelled_on = $3
where member_id = $1
  and entity_id = $2
  and paid_on is null
  and cancelled_on is null;

-- name: insert_unmatched_payment :exec
insert into unmatched_payment
  (payment_id, entity_id, reference, amount_minor, currency, received_on, reason, subscription_id)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: unmatched_payments :many
select payment_id::text, entity_id::text, reference, amount_minor, currency, received_on, reason
from unmatched_payment
where entity_id = $1
  and ($2::uuid is null or payment_id > $2)
order by payment_id
limit $3;
