-- In which region of its country an employer is established, where the law of regions differs: as an officer says, else as
-- the post code of its address tells. A return keeps the one it was written for, and whether somebody had said it.
alter table declarant
  add column region text check (region <> '');
alter table periodic_return
  add column region text check (region <> ''),
  add column is_region_assumed boolean not null default false,
  add constraint only_a_region_is_assumed check (region is not null or not is_region_assumed);
