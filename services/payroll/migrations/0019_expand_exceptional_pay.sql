-- Pay beside the wage of a contract: recorded once, before its payslip is computed, and never changed.

create table exceptional_pay (
  contract_id  uuid    not null references contract,
  kind         text    not null check (kind in ('year_end_premium')),
  amount_minor bigint  not null check (amount_minor > 0),
  currency     char(3) not null,
  reason       text    not null check (reason <> ''),
  recorded_by  text    not null,
  recorded_on  date    not null,
  primary key (contract_id, kind)
);

create function a_payslip_pays_what_was_recorded_before() returns trigger language plpgsql as $$
begin
  -- Whoever computes the payslip holds the contract: of the two, one comes after the other.
  perform from contract where id = new.contract_id for update;
  if exists (select from payslip where contract_id = new.contract_id and kind = 'wage') then
    raise exception 'the payslip of this contract is computed already' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_payslip_pays_what_was_recorded_before before insert on exceptional_pay
  for each row execute function a_payslip_pays_what_was_recorded_before();

create function exceptional_pay_is_never_edited() returns trigger language plpgsql as $$
begin
  raise exception 'exceptional pay is recorded once and never changed';
end $$;
create trigger exceptional_pay_is_never_edited before update or delete or truncate on exceptional_pay
  for each statement execute function exceptional_pay_is_never_edited();
