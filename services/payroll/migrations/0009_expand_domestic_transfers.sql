-- A wage in a currency outside the euro area travels by none of the SEPA schemes.
alter table payment_file
  drop constraint payment_file_scheme_check,
  add constraint payment_file_scheme_check check (scheme in ('ordinary', 'instant', 'domestic'));
