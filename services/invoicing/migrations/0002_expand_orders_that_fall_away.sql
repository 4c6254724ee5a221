-- Orders cancelled during the work, credit notes, and what a budget gives back of an order that fell away.

alter table ledger.account drop constraint invoicing_account_kinds;
alter table ledger.account add constraint invoicing_account_kinds
  check (kind in ('buyer', 'budget', 'contribution', 'labor', 'vat', 'bank', 'suspense', 'guarantee'));

-- What was done of a line when its order was cancelled during the work, and what that comes to.
alter table order_line add column done_quantity numeric not null default 0
  check (done_quantity between 0 and quantity);
alter table sales_order
  add column done_price_minor bigint check (done_price_minor between 1 and price_minor),
  add column done_contribution_minor bigint,
  add constraint a_part_is_done_of_a_cancelled_order
    check ((done_price_minor is null) = (done_contribution_minor is null)
           and (done_price_minor is null or cancelled_on is not null)
           and done_contribution_minor between 0 and done_price_minor);
create index on budget_hold (order_id);

-- What an order that fell away had brought into its budget and no buyer will pay. What is not taken was spent
-- on wages before: the guarantee fund carries it.
create table budget_withdrawal (
  order_id     uuid    primary key references sales_order,
  activity_id  uuid    not null references activity,
  entity_id    uuid    not null references entity,
  amount_minor bigint  not null check (amount_minor > 0),
  taken_minor  bigint  not null default 0 check (taken_minor between 0 and amount_minor),
  currency     char(3) not null,
  asked_on     date    not null
);

-- A credit note names the invoice that it takes back, once and as a whole; nobody pays it.
alter table invoice alter column reference drop not null;
alter table invoice
  add column preceding_invoice_id uuid references invoice,
  add constraint a_credit_note_has_a_preceding_invoice check ((type_code = '381') = (preceding_invoice_id is not null)),
  add constraint an_invoice_has_a_reference check ((type_code = '380') = (reference is not null));
create unique index one_credit_note_an_invoice on invoice (preceding_invoice_id) where type_code = '381';
