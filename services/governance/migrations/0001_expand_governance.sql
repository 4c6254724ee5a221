-- Copies of entities and of the register, meetings with the rules they were called under, rolls, votes, minutes.

create table entity (
  id         uuid primary key,
  name       text not null,
  legal_form text not null,
  seat       text not null
);

-- The register as this service has heard of it. Its events and those about the entity come in any order.
create table member_standing (
  entity_id   uuid not null,
  member_id   uuid not null,
  category    text not null,
  admitted_on date not null,
  primary key (entity_id, member_id)
);

create table paid_share (
  subscription_id uuid primary key,
  entity_id       uuid not null,
  member_id       uuid not null,
  register_number int  not null check (register_number > 0),
  quantity        int  not null check (quantity > 0),
  paid_on         date not null,
  foreign key (entity_id, member_id) references member_standing,
  constraint one_share_per_register_number unique (entity_id, register_number)
);
create index on paid_share (entity_id, member_id);

-- A meeting exists from its call on, with the rules as they stood on that day.
create table meeting (
  id           uuid  primary key,
  entity_id    uuid  not null references entity,
  kind         text  not null,
  title        text  not null,
  meeting_date date  not null,
  place        text  not null,
  rules        jsonb not null,
  convened_on  date  not null,
  record_date  date  not null,
  notice_check jsonb not null,
  opened_on    date,
  closed_on    date,
  constraint called_for_a_day_to_come check (convened_on < meeting_date),
  constraint record_date_not_after_meeting check (record_date <= meeting_date),
  constraint opened_on_its_day check (opened_on is null or opened_on = meeting_date),
  constraint opened_with_its_notice_in_time check (opened_on is null or (notice_check ->> 'passed')::boolean),
  constraint closed_after_it_was_opened check (closed_on is null or (opened_on is not null and closed_on >= opened_on))
);
create index on meeting (entity_id, id);

create table resolution (
  id                     uuid  primary key,
  meeting_id             uuid  not null references meeting,
  number                 int   not null check (number > 0),
  title                  text  not null,
  kind                   text  not null,
  texts                  jsonb not null,
  authoritative_language text  not null,
  text_sha256            text  not null,
  ballot_opened_on       date,
  ballot_closed_on       date,
  outcome                text  check (outcome in ('carried', 'rejected', 'postponed')),
  for_count              int   check (for_count >= 0),
  against_count          int   check (against_count >= 0),
  abstain_count          int   check (abstain_count >= 0),
  represented            int   check (represented >= 0),
  one_vote_check         jsonb,
  quorum_check           jsonb,
  majority_check         jsonb,
  unique (meeting_id, number),
  unique (id, meeting_id),
  constraint authoritative_text_is_there check (texts ? authoritative_language),
  constraint closed_after_it_was_opened check
    (ballot_closed_on is null or (ballot_opened_on is not null and ballot_closed_on >= ballot_opened_on)),
  -- No count exists before the ballot is closed, so none can be shown.
  constraint decided_when_closed check
    (num_nulls(ballot_closed_on, outcome, for_count, against_count, abstain_count, represented, one_vote_check,
               quorum_check, majority_check) in (0, 9)),
  constraint voters_are_represented check (for_count + against_count + abstain_count <= represented),
  constraint carried_with_quorum_and_majority check
    (outcome is distinct from 'carried'
     or ((quorum_check ->> 'passed')::boolean and (majority_check ->> 'passed')::boolean))
);

-- Who may vote, by the register of the record date. Frozen: rows are added in one statement and never again.
create table roll (
  meeting_id  uuid primary key references meeting,
  record_date date not null,
  size        int  not null check (size >= 0),
  sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  frozen_on   date not null check (frozen_on >= record_date)
);

create table roll_line (
  meeting_id uuid not null references roll,
  member_id  uuid not null,
  category   text not null,
  votes      int  not null check (votes > 0),
  primary key (meeting_id, member_id)
);

create table notice_waiver (
  meeting_id uuid not null,
  member_id  uuid not null,
  waived_on  date not null,
  primary key (meeting_id, member_id),
  foreign key (meeting_id, member_id) references roll_line
);

create table attendance (
  meeting_id    uuid not null,
  member_id     uuid not null,
  registered_on date not null,
  primary key (meeting_id, member_id),
  foreign key (meeting_id, member_id) references roll_line
);

-- An open vote: one of each member of the roll, given while the ballot is open, never changed.
create table vote (
  resolution_id uuid not null,
  meeting_id    uuid not null,
  member_id     uuid not null,
  choice        text not null check (choice in ('for', 'against', 'abstain')),
  cast_on       date not null,
  constraint one_member_one_vote primary key (resolution_id, member_id),
  foreign key (resolution_id, meeting_id) references resolution (id, meeting_id),
  constraint only_members_of_the_roll_vote foreign key (meeting_id, member_id) references roll_line
);

create table minutes (
  meeting_id uuid primary key references meeting,
  text       text not null,
  sha256     text not null,
  written_on date not null,
  constraint hash_is_that_of_the_text check (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex'))
);

create function is_append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is added to and never changed', tg_table_name;
end $$;
create trigger is_append_only before update or delete or truncate on roll
  for each statement execute function is_append_only();
create trigger is_append_only before update or delete or truncate on roll_line
  for each statement execute function is_append_only();
create trigger is_append_only before update or delete or truncate on notice_waiver
  for each statement execute function is_append_only();
create trigger is_append_only before update or delete or truncate on attendance
  for each statement execute function is_append_only();
create trigger is_append_only before update or delete or truncate on vote
  for each statement execute function is_append_only();
create trigger is_append_only before update or delete or truncate on minutes
  for each statement execute function is_append_only();
create trigger is_kept before delete or truncate on meeting
  for each statement execute function is_append_only();
create trigger is_kept before delete or truncate on resolution
  for each statement execute function is_append_only();

create function roll_is_complete() returns trigger language plpgsql as $$
begin
  if new.size <> (select count(*) from roll_line where meeting_id = new.meeting_id) then
    raise exception 'a roll has as many lines as its size says';
  end if;
  return null;
end $$;
create constraint trigger roll_is_complete after insert on roll deferrable initially deferred
  for each row execute function roll_is_complete();

create function roll_is_frozen() returns trigger language plpgsql as $$
begin
  if exists (
    select from roll r
    where r.meeting_id in (select meeting_id from added)
      and r.size < (select count(*) from roll_line l where l.meeting_id = r.meeting_id)
  ) then
    raise exception 'a frozen roll gets no further line';
  end if;
  return null;
end $$;
create trigger roll_is_frozen after insert on roll_line referencing new table as added
  for each statement execute function roll_is_frozen();

create function meeting_keeps_its_call() returns trigger language plpgsql as $$
begin
  if (new.id, new.entity_id, new.kind, new.title, new.meeting_date, new.place, new.rules, new.convened_on,
      new.record_date)
     is distinct from
     (old.id, old.entity_id, old.kind, old.title, old.meeting_date, old.place, old.rules, old.convened_on,
      old.record_date) then
    raise exception 'what a meeting was called with is never changed';
  end if;
  if old.opened_on is not null
     and (new.opened_on, new.notice_check) is distinct from (old.opened_on, old.notice_check) then
    raise exception 'a meeting is opened once';
  end if;
  if old.closed_on is not null and new.closed_on is distinct from old.closed_on then
    raise exception 'a meeting is closed once';
  end if;
  if new.opened_on is not null and not exists (select from roll where meeting_id = new.id) then
    raise exception 'a meeting is opened with its roll frozen';
  end if;
  if new.closed_on is not null
     and exists (select from resolution where meeting_id = new.id and ballot_closed_on is null) then
    raise exception 'a meeting is closed with every resolution decided';
  end if;
  return new;
end $$;
create trigger meeting_keeps_its_call before update on meeting
  for each row execute function meeting_keeps_its_call();

create function resolution_keeps_its_past() returns trigger language plpgsql as $$
begin
  if (new.id, new.meeting_id, new.number, new.title, new.kind, new.texts, new.authoritative_language,
      new.text_sha256)
     is distinct from
     (old.id, old.meeting_id, old.number, old.title, old.kind, old.texts, old.authoritative_language,
      old.text_sha256) then
    raise exception 'what a resolution was called with is never changed';
  end if;
  if old.ballot_closed_on is not null then
    raise exception 'a resolution is decided once';
  end if;
  if old.ballot_opened_on is not null and new.ballot_opened_on is distinct from old.ballot_opened_on then
    raise exception 'a ballot is opened once';
  end if;
  if new.ballot_closed_on is not null and not exists (
    select 1 from vote
    where resolution_id = new.id
    having count(*) filter (where choice = 'for') = new.for_count
       and count(*) filter (where choice = 'against') = new.against_count
       and count(*) filter (where choice = 'abstain') = new.abstain_count
  ) then
    raise exception 'the counts are those of the votes';
  end if;
  return new;
end $$;
create trigger resolution_keeps_its_past before update on resolution
  for each row execute function resolution_keeps_its_past();

-- The lock lets many vote at once and makes the close wait for each of them.
create function vote_needs_an_open_ballot() returns trigger language plpgsql as $$
begin
  perform 1 from resolution
  where id = new.resolution_id and ballot_opened_on is not null and ballot_closed_on is null
  for share;
  if not found then
    raise exception 'a vote is given while its ballot is open';
  end if;
  return new;
end $$;
create trigger vote_needs_an_open_ballot before insert on vote
  for each row execute function vote_needs_an_open_ballot();
