-- name: ledger_open_account :exec
select ledger.open_account($1, $2, $3, $4, $5, $6);

-- name: ledger_post :one
select booked_journal, booked_transfer, refused, at_account, available
from ledger.post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: ledger_hold :one
select booked_journal, booked_transfer, refused, at_account, available
from ledger.hold($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: ledger_post_hold :one
select booked_journal, booked_transfer, refused, at_account, available
from ledger.post_hold($1, $2, $3, $4, $5, $6, $7, $8);

-- name: ledger_void_hold :one
select booked_journal, booked_transfer, refused, at_account, available
from ledger.void_hold($1, $2, $3, $4, $5, $6, $7);

-- name: ledger_balance :one
select posted, held, currency from ledger.balance join ledger.account on account.id = balance.account
where balance.account = $1;

-- name: ledger_broken_invariants :many
-- Reads the whole ledger: for the night and for tests.
with
sides as (
  select debit as account, debit_version as version from ledger.transfer
  union all
  select credit, credit_version from ledger.transfer
),
chains as (
  select account, count(*) as links, count(distinct version) as versions, max(version) as last from sides group by account
),
entries as (
  select account, sum(amount) as posted from ledger.entry group by account
),
holds as (
  select debit as account, sum(amount) as held from ledger.transfer as hold
  where kind = 'hold' and not exists (select from ledger.transfer as ended where ended.of = hold.id)
  group by debit
)
select 'the balances in ' || currency || ' add up to ' || sum(posted) || ', not to nothing' as broken
from ledger.balance join ledger.account on account.id = balance.account
group by currency having sum(posted) <> 0
union all
select 'account ' || code || ' has ' || balance.posted || ', its entries add up to ' || coalesce(entries.posted, 0)
from ledger.account join ledger.balance on balance.account = account.id left join entries on entries.account = account.id
where balance.posted <> coalesce(entries.posted, 0)
union all
select 'account ' || code || ' holds ' || balance.held || ', its open holds add up to ' || coalesce(holds.held, 0)
from ledger.account join ledger.balance on balance.account = account.id left join holds on holds.account = account.id
where balance.held <> coalesce(holds.held, 0)
union all
select 'account ' || code || ' is at version ' || balance.version || ', its transfers are not 1 to that without a gap'
from ledger.account join ledger.balance on balance.account = account.id left join chains on chains.account = account.id
where (balance.version, balance.version, balance.version)
  <> (coalesce(links, 0), coalesce(versions, 0), coalesce(last, 0));
