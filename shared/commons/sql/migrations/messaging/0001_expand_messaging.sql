-- What every service needs to publish exactly what it committed and to handle each event once.

-- The counter row of an aggregate: its lock makes the order of versions the order of commits.
create table aggregate_version (
  agg_type text not null,
  agg_id   uuid not null,
  version  int  not null,
  primary key (agg_type, agg_id)
) with (fillfactor = 70);

-- Rows are marked when published and never deleted: this is the archive from which every topic can be rebuilt.
create table outbox (
  seq         bigint generated always as identity primary key,
  id          uuid        not null unique,
  topic       text        not null,
  agg_type    text        not null,
  agg_id      uuid        not null,
  agg_version int         not null check (agg_version > 0),
  type        text        not null,
  data        jsonb       not null,
  headers     jsonb       not null default '{}',
  tx          xid8        not null default pg_current_xact_id(),
  created     timestamptz not null default clock_timestamp(),
  published   timestamptz,
  unique (agg_type, agg_id, agg_version)
);
create index outbox_todo on outbox (seq) where published is null;
create index outbox_created on outbox (created);

-- Gapless per aggregate: a version enters only after the version before it.
create table inbox (
  consumer    text        not null,
  topic       text        not null,
  agg_type    text        not null,
  agg_id      uuid        not null,
  agg_version int         not null,
  event_id    uuid        not null,
  created     timestamptz not null,
  handled     timestamptz not null default clock_timestamp(),
  primary key (consumer, topic, agg_type, agg_id, agg_version),
  unique (consumer, event_id)
);
create index inbox_created on inbox (topic, created);

create table parked (
  consumer    text        not null,
  topic       text        not null,
  agg_type    text        not null,
  agg_id      uuid        not null,
  agg_version int         not null,
  event       jsonb       not null,
  event_id    uuid        not null,
  created     timestamptz not null,
  kind        text        not null check (kind in ('gap', 'behind', 'not_yet', 'failed')),
  reason      text        not null,
  attempts    int         not null default 0,
  retry_at    timestamptz not null,
  first_seen  timestamptz not null default clock_timestamp(),
  primary key (consumer, topic, agg_type, agg_id, agg_version)
);
create index parked_due on parked (consumer, retry_at);

-- Who let a parked event go on, or set it aside, and why.
create table parked_decision (
  id          bigint generated always as identity primary key,
  consumer    text        not null,
  topic       text        not null,
  agg_type    text        not null,
  agg_id      uuid        not null,
  agg_version int         not null,
  event       jsonb       not null,
  decision    text        not null check (decision in ('released', 'skipped')),
  released_by text        not null,
  reason      text        not null,
  decided     timestamptz not null default clock_timestamp()
);

-- Work for the outside world: the key is the idempotency key that the other side is given.
create table effect (
  id       uuid        primary key,
  kind     text        not null,
  key      text        not null,
  payload  jsonb       not null,
  headers  jsonb       not null default '{}',
  state    text        not null default 'pending' check (state in ('pending', 'sending', 'unknown', 'done', 'failed')),
  attempts int         not null default 0,
  asked    int         not null default 0,
  next_at  timestamptz not null default 'epoch',
  result   jsonb,
  error    text,
  created  timestamptz not null default clock_timestamp(),
  ended    timestamptz,
  unique (kind, key)
);
create index effect_due on effect (next_at) where state in ('pending', 'sending', 'unknown');

-- A real entity has the date of its time zone; a simulated one has the day that its operator opened.
create table business_day (
  entity_id uuid    primary key,
  day       date,
  simulated boolean not null,
  time_zone text    not null,
  check (simulated or day is null)
);

create table deadline (
  id        uuid        primary key,
  kind      text        not null,
  key       text        not null unique,
  entity_id uuid        not null,
  due_date  date        not null,
  data      jsonb       not null default '{}',
  headers   jsonb       not null default '{}',
  attempts  int         not null default 0,
  next_at   timestamptz not null default 'epoch',
  error     text,
  created   timestamptz not null default clock_timestamp(),
  done_at   timestamptz,
  outcome   text check (outcome in ('done', 'canceled')),
  check ((done_at is null) = (outcome is null))
);
create index deadline_due on deadline (entity_id, due_date, id) where done_at is null;
