-- Leaving: the letter by which a member resigned, and the day that ended the membership.

alter table membership
  add column resigned_on date check (resigned_on >= admitted_on);

-- One row a letter, kept for good: whoever comes back and leaves again has two.
create table resignation (
  id              uuid primary key,
  membership_id   uuid not null references membership,
  entity_id       uuid not null,
  letter_date     date not null,
  resigned_on     date not null check (resigned_on >= letter_date),
  recorded_by     text not null,
  register_number int  not null,
  foreign key (entity_id, register_number) references register_entry
);
create unique index one_resignation_a_redemption on resignation (entity_id, register_number);
create index on resignation (membership_id);

-- The instalments of a redemption are found by the request they repay.
create index on register_entry (entity_id, of_number) where kind = 'redemption_paid';
