-- What a payslip leaves to the next ones is named by its country's engine, and no longer by Belgian columns.

alter table payslip add column counted jsonb;

alter table payslip disable trigger payslip_is_never_edited;
update payslip
set counted = jsonb_build_object(
  'gross', gross_wage_minor, 'base', base_minor, 'time_millionths', time_millionths, 'bonus_a', bonus_a_minor,
  'bonus_b', bonus_b_minor, 'special_contribution', special_contribution_minor);
alter table payslip enable trigger payslip_is_never_edited;

-- Programs of the version before still write the columns and know nothing of `counted`; new ones do the contrary.
create function payslip_counted_is_filled() returns trigger language plpgsql as $$
begin
  new.counted := coalesce(new.counted, jsonb_build_object(
    'gross', new.gross_wage_minor, 'base', new.base_minor, 'time_millionths', new.time_millionths,
    'bonus_a', new.bonus_a_minor, 'bonus_b', new.bonus_b_minor,
    'special_contribution', new.special_contribution_minor));
  new.base_minor := coalesce(new.base_minor, (new.counted ->> 'base')::bigint, 0);
  new.time_millionths := coalesce(new.time_millionths, (new.counted ->> 'time_millionths')::bigint, 0);
  new.bonus_a_minor := coalesce(new.bonus_a_minor, (new.counted ->> 'bonus_a')::bigint, 0);
  new.bonus_b_minor := coalesce(new.bonus_b_minor, (new.counted ->> 'bonus_b')::bigint, 0);
  new.special_contribution_minor := coalesce(
    new.special_contribution_minor, (new.counted ->> 'special_contribution')::bigint, 0);
  return new;
end $$;
create trigger payslip_counted_is_filled before insert on payslip
  for each row execute function payslip_counted_is_filled();
alter table payslip alter column counted set not null;
