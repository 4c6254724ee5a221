-- Who may work on the budget of an activity besides the member whose order it is, copied from invoicing.

create table activity_participant (
  activity_id uuid not null,
  member_id   uuid not null,
  joined_on   date not null,
  primary key (activity_id, member_id)
);
