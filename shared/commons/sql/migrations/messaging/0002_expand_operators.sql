-- What processes notice and operators decide, kept where another process can read it.

alter table parked_decision add constraint who_and_why check (btrim(released_by) <> '' and btrim(reason) <> '');

-- Every repetition of published events: which person or service asked for it, and why.
create table replay_decision (
  id            bigint generated always as identity primary key,
  topic         text        not null,
  agg_type      text,
  agg_id        uuid,
  first_version int,
  last_version  int,
  event_type    text,
  since         timestamptz,
  until         timestamptz,
  events        int         not null check (events >= 0),
  requested_by  text        not null,
  reason        text        not null,
  decided       timestamptz not null default clock_timestamp(),
  constraint replay_who_and_why check (btrim(requested_by) <> '' and btrim(reason) <> '')
);

create function decision_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'a decision is kept as it was made';
end $$;
create trigger decision_is_kept before update or delete or truncate on parked_decision
  for each statement execute function decision_is_kept();
create trigger decision_is_kept before update or delete or truncate on replay_decision
  for each statement execute function decision_is_kept();

-- The hours of which this service received something else than was published; gone once a replay repaired them.
create table reconciliation_difference (
  consumer   text        not null,
  topic      text        not null,
  hour_start timestamptz not null,
  hour_end   timestamptz not null,
  published  int         not null,
  ids        text,
  received   int         not null,
  asked      int         not null default 1,
  noticed    timestamptz not null default clock_timestamp(),
  primary key (consumer, topic, hour_start)
);

-- A stuck consumer ends its process, and the counter in its memory with it: the next process reads this.
create table watchdog_exit (
  id       bigint generated always as identity primary key,
  consumer text        not null,
  reason   text        not null,
  ended    timestamptz not null default clock_timestamp()
);
