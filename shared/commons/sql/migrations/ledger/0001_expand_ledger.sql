-- Double entry, balanced by construction: a transfer is one row with both sides, written by these functions alone.
-- Kinds of account are the service's own: its migration adds a check on ledger.account (kind).

create schema ledger;

-- Immutable, and referenced by everything: so the balance is kept elsewhere.
create table ledger.account (
  id       uuid    primary key,
  code     text    not null unique,
  currency char(3) not null,
  kind     text    not null,
  owner    uuid,
  opened   timestamptz not null default clock_timestamp(),
  unique (id, currency)
);

-- Mutable, one row per account, referenced by nothing: foreign keys to it would lock it.
create table ledger.balance (
  account uuid   primary key references ledger.account,
  posted  bigint not null default 0,
  held    bigint not null default 0 check (held >= 0),
  version bigint not null default 0,
  floor   bigint,
  constraint never_below_floor check (floor is null or posted - held >= floor)
) with (fillfactor = 30);

create table ledger.journal (
  id        uuid primary key,
  code      text not null,
  ref       text not null,
  actor     text not null,
  effective date not null,
  created   timestamptz not null default clock_timestamp(),
  unique (code, ref)
);

create table ledger.transfer (
  id             uuid    primary key,
  journal        uuid    not null references ledger.journal,
  leg            int     not null,
  debit          uuid    not null,
  credit         uuid    not null,
  amount         bigint  not null check (amount > 0),
  currency       char(3) not null,
  kind           text    not null check (kind in ('plain', 'hold', 'post', 'void')),
  of             uuid    references ledger.transfer,
  debit_after    bigint  not null,
  credit_after   bigint  not null,
  debit_version  bigint  not null,
  credit_version bigint  not null,
  check (debit <> credit),
  check ((kind in ('post', 'void')) = (of is not null)),
  foreign key (debit, currency) references ledger.account (id, currency),
  foreign key (credit, currency) references ledger.account (id, currency),
  unique (journal, leg),
  unique (debit, debit_version),
  unique (credit, credit_version)
);
create unique index one_resolution on ledger.transfer (of) where kind in ('post', 'void');

create view ledger.entry as
  select id as transfer, journal, debit as account, currency, -amount as amount,
    debit_after as balance_after, debit_version as version
  from ledger.transfer where kind in ('plain', 'post')
  union all
  select id, journal, credit, currency, amount, credit_after, credit_version
  from ledger.transfer where kind in ('plain', 'post');

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'ledger.% is never changed: correct it by a new transfer', tg_table_name using errcode = 'LG009';
end $$;
create trigger never_changed before update or delete or truncate on ledger.account
  for each statement execute function ledger.refuse_change();
create trigger never_changed before update or delete or truncate on ledger.journal
  for each statement execute function ledger.refuse_change();
create trigger never_changed before update or delete or truncate on ledger.transfer
  for each statement execute function ledger.refuse_change();
create trigger never_deleted before delete or truncate on ledger.balance
  for each statement execute function ledger.refuse_change();

-- Opens an account with its balance; opening it again with the same facts changes nothing.
create function ledger.open_account(
  p_id uuid, p_code text, p_currency text, p_kind text, p_owner uuid, p_floor bigint
) returns void
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  insert into account (id, code, currency, kind, owner) values (p_id, p_code, p_currency, p_kind, p_owner)
  on conflict do nothing;
  if not found then
    if not exists (
      select from account join balance on account = id
      where id = p_id and code = p_code and currency = p_currency and kind = p_kind
        and owner is not distinct from p_owner and floor is not distinct from p_floor
    ) then
      raise exception 'account % or its code is there with other facts', p_code using errcode = 'LG003';
    end if;
    return;
  end if;
  insert into balance (account, floor) values (p_id, p_floor);
end $$;

-- The one writer. All legs or none; a repeated journal with the same legs answers with the first one.
-- `refused` is null, or why nothing was booked: the transaction stays usable and the caller decides.
create function ledger.book(
  p_journal uuid, p_code text, p_ref text, p_actor text, p_effective date,
  p_ids uuid[], p_debits uuid[], p_credits uuid[], p_amounts bigint[], p_currencies text[],
  p_kind text, p_of uuid,
  out booked_journal uuid, out booked_transfer uuid, out refused text, out at_account uuid, out available bigint
)
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
  held_before ledger.transfer%rowtype;
  debited ledger.balance%rowtype;
  credited ledger.balance%rowtype;
  moved bigint;
  freed bigint := 0;
  known uuid;
begin
  if p_of is not null then
    select * into held_before from transfer t where t.id = p_of and t.kind = 'hold';
    if not found then
      raise exception using errcode = 'LG001', message = 'unknown_hold';
    end if;
    freed := held_before.amount;
    p_debits := array[held_before.debit];
    p_credits := array[held_before.credit];
    p_currencies := array[held_before.currency];
    p_amounts := array[coalesce(p_amounts[1], freed)];
  end if;

  -- Inside one function and in one order: no lock is held over a client's round trip, no two bookings deadlock.
  perform from balance b where b.account = any(p_debits || p_credits) order by b.account for update;

  insert into journal (id, code, ref, actor, effective) values (p_journal, p_code, p_ref, p_actor, p_effective)
  on conflict on constraint journal_code_ref_key do nothing;
  if not found then
    select j.id into known from journal j where j.code = p_code and j.ref = p_ref;
    if cardinality(p_ids) <> (select count(*) from transfer t where t.journal = known) or exists (
      select from generate_subscripts(p_ids, 1) n
      where not exists (
        select from transfer t
        where t.journal = known and t.leg = n and t.debit = p_debits[n] and t.credit = p_credits[n]
          and t.amount = p_amounts[n] and t.currency = p_currencies[n] and t.kind = p_kind
          and t.of is not distinct from p_of)
    ) then
      raise exception using errcode = 'LG001', message = 'journal_differs';
    end if;
    booked_journal := known;
    select t.id into booked_transfer from transfer t where t.journal = known and t.leg = 1;
    return;
  end if;

  if p_of is not null and exists (select from transfer t where t.of = p_of) then
    raise exception using errcode = 'LG001', message = 'hold_ended';
  end if;
  if p_of is not null and p_amounts[1] > freed then
    raise exception using errcode = 'LG001', message = 'more_than_held';
  end if;

  for n in 1..cardinality(p_ids) loop
    moved := p_amounts[n];
    select * into debited from balance b where b.account = p_debits[n];
    select * into credited from balance b where b.account = p_credits[n];
    if debited.account is null or credited.account is null then
      at_account := case when debited.account is null then p_debits[n] else p_credits[n] end;
      raise exception using errcode = 'LG001', message = 'unknown_account';
    end if;
    if p_kind in ('plain', 'hold') and debited.posted - debited.held - moved < debited.floor then
      at_account := debited.account;
      available := debited.posted - debited.held - debited.floor;
      raise exception using errcode = 'LG001', message = 'floor_reached';
    end if;
    debited.version := debited.version + 1;
    credited.version := credited.version + 1;
    debited.held := debited.held + case when p_kind = 'hold' then moved else -freed end;
    if p_kind in ('plain', 'post') then
      debited.posted := debited.posted - moved;
      credited.posted := credited.posted + moved;
    end if;
    update balance b set posted = debited.posted, held = debited.held, version = debited.version
    where b.account = debited.account;
    update balance b set posted = credited.posted, version = credited.version where b.account = credited.account;
    insert into transfer (id, journal, leg, debit, credit, amount, currency, kind, of,
      debit_after, credit_after, debit_version, credit_version)
    values (p_ids[n], p_journal, n, debited.account, credited.account, moved, p_currencies[n], p_kind, p_of,
      debited.posted, credited.posted, debited.version, credited.version);
  end loop;
  booked_journal := p_journal;
  booked_transfer := p_ids[1];
exception
  -- Leaves the ledger as if this had not been called, but with the reason.
  when sqlstate 'LG001' then
    refused := sqlerrm;
end $$;

create function ledger.post(
  p_journal uuid, p_code text, p_ref text, p_actor text, p_effective date,
  p_ids uuid[], p_debits uuid[], p_credits uuid[], p_amounts bigint[], p_currencies text[],
  out booked_journal uuid, out booked_transfer uuid, out refused text, out at_account uuid, out available bigint
)
language sql security definer set search_path = ledger, pg_temp as $$
  select * from ledger.book(p_journal, p_code, p_ref, p_actor, p_effective,
    p_ids, p_debits, p_credits, p_amounts, p_currencies, 'plain', null)
$$;

create function ledger.hold(
  p_journal uuid, p_code text, p_ref text, p_actor text, p_effective date,
  p_id uuid, p_debit uuid, p_credit uuid, p_amount bigint, p_currency text,
  out booked_journal uuid, out booked_transfer uuid, out refused text, out at_account uuid, out available bigint
)
language sql security definer set search_path = ledger, pg_temp as $$
  select * from ledger.book(p_journal, p_code, p_ref, p_actor, p_effective,
    array[p_id], array[p_debit], array[p_credit], array[p_amount], array[p_currency], 'hold', null)
$$;

-- Moves the held money, or a part of it; the rest is free again. A null amount is all of it.
create function ledger.post_hold(
  p_journal uuid, p_code text, p_ref text, p_actor text, p_effective date, p_id uuid, p_hold uuid, p_amount bigint,
  out booked_journal uuid, out booked_transfer uuid, out refused text, out at_account uuid, out available bigint
)
language sql security definer set search_path = ledger, pg_temp as $$
  select * from ledger.book(p_journal, p_code, p_ref, p_actor, p_effective,
    array[p_id], null, null, array[p_amount], null, 'post', p_hold)
$$;

create function ledger.void_hold(
  p_journal uuid, p_code text, p_ref text, p_actor text, p_effective date, p_id uuid, p_hold uuid,
  out booked_journal uuid, out booked_transfer uuid, out refused text, out at_account uuid, out available bigint
)
language sql security definer set search_path = ledger, pg_temp as $$
  select * from ledger.book(p_journal, p_code, p_ref, p_actor, p_effective,
    array[p_id], null, null, null, null, 'void', p_hold)
$$;

-- Any role of the service may book and read; only the owner of these functions writes.
revoke all on function ledger.book(uuid, text, text, text, date, uuid[], uuid[], uuid[], bigint[], text[], text, uuid) from public;
grant usage on schema ledger to public;
grant select on all tables in schema ledger to public;
