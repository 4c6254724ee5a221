-- Members who left: the shares entered before a departure give no vote from its day on.

create table departure (
  entity_id       uuid not null,
  register_number int  not null check (register_number > 0),
  member_id       uuid not null,
  resigned_on     date not null,
  primary key (entity_id, register_number),
  foreign key (entity_id, member_id) references member_standing
);
create index on departure (entity_id, member_id);
