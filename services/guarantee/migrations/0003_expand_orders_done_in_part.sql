-- Of an order cancelled during the work the fund covers the part that was done: its price less the contribution.
alter table confirmed_order add column kept_minor bigint check (kept_minor >= 0);
