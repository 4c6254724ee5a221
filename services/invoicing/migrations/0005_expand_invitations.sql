-- Whom an administrator asked into an activity; a role begins when the person accepts.

create table activity_invitation (
  activity_id uuid not null references activity,
  member_id   uuid not null,
  role        text not null check (role in ('administrator', 'participant', 'occasional_participant')),
  invited_by  uuid not null,
  invited_on  date not null,
  accepted_on date check (accepted_on >= invited_on),
  primary key (activity_id, member_id)
);
create index on activity_invitation (member_id, activity_id) where accepted_on is null;
create index on activity_participation (member_id, activity_id);
