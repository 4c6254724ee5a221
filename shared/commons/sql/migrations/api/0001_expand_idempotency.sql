-- The answers of mutations that were asked for with an idempotency key, kept 30 days.

create table idempotency (
  subject      text        not null,
  operation    text        not null,
  key          text        not null,
  request_hash bytea       not null check (length(request_hash) = 32),
  kind         text,
  answer       bytea,
  created      timestamptz not null default clock_timestamp(),
  primary key (subject, operation, key),
  check ((kind is null) = (answer is null))
);
create index idempotency_created on idempotency (created);
