-- name: lock_account :exec
-- Statements of one account follow each other, so that no payment is allocated twice.
select pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: insert_bank_statement :exec
insert into bank_statement (id, entity_id, bank_id, iban, opening_minor, closing_minor, currency, line_count,
                            imported_on, sha256)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: insert_bank_line :exec
insert into bank_line (id, statement_id, entity_id, iban, bank_reference, booking_date, amount_minor, currency,
                       reference, outcome, invoice_id, to_invoice_minor, to_suspense_minor)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: known_bank_lines :many
select bank_reference, booking_date, amount_minor, currency
from bank_line
where iban = $1
  and bank_reference = any($2::text[]);

-- name: bank_statements_by_key :many
select s.id::text, s.entity_id::text, s.bank_id, s.iban, s.opening_minor, s.closing_minor, s.currency, s.imported_on,
       s.line_count, (select count(*) from bank_line l where l.statement_id = s.id)::int as new_lines
from bank_statement s
where s.id = any($1::uuid[]);

-- name: bank_lines_by_statement :many
select id::text, statement_id::text, booking_date, amount_minor, currency, reference, outcome, invoice_id::text,
       to_invoice_minor, to_suspense_minor
from bank_line
where statement_id = any($1::uuid[])
order by statement_id, id
limit 20000;
