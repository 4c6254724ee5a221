-- name: next_reference :value
-- The row stays locked until commit, so no number is given twice.
update reference_counter
set last = last + 1
returning last;

-- name: insert_invoice :exec
insert into invoice (id, entity_id, order_id, activity_id, member_id, buyer_id, type_code, series, year, counter,
                     number, issue_date, payment_due_date, currency, total_without_vat_minor, total_vat_minor,
                     total_with_vat_minor, contribution_minor, reference, language, content, preceding_invoice_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22);

-- name: invoice_of_order :value
select id
from invoice
where order_id = $1
  and type_code = '380';

-- name: invoices_by_key :many
select i.id::text, i.entity_id::text, i.order_id::text, i.activity_id::text, i.member_id::text, i.buyer_id::text,
       i.type_code, i.number, i.issue_date, i.payment_due_date, i.currency, i.total_without_vat_minor,
       i.total_vat_minor, i.total_with_vat_minor, i.contribution_minor, i.reference,
       s.paid_minor, s.credited_minor, s.written_off_minor, s.overpaid_minor,
       i.preceding_invoice_id::text,
       (select coalesce(max(r.level), 0) from reminder r where r.invoice_id = i.id) as dunning_level
from invoice i
join invoice_settlement s on s.invoice_id = i.id
where i.id = any($1::uuid[]);

-- name: invoices_by_order :many
select i.id::text, i.entity_id::text, i.order_id::text, i.activity_id::text, i.member_id::text, i.buyer_id::text,
       i.type_code, i.number, i.issue_date, i.payment_due_date, i.currency, i.total_without_vat_minor,
       i.total_vat_minor, i.total_with_vat_minor, i.contribution_minor, i.reference,
       s.paid_minor, s.credited_minor, s.written_off_minor, s.overpaid_minor,
       i.preceding_invoice_id::text,
       (select coalesce(max(r.level), 0) from reminder r where r.invoice_id = i.id) as dunning_level
from invoice i
join invoice_settlement s on s.invoice_id = i.id
where i.order_id = any($1::uuid[])
  and i.type_code = '380';

-- name: invoices_of_entity :many
-- Of one member, or of all where $4 is null; in one state of transmission, or in any where $5 is null.
select i.id::text, i.entity_id::text, i.order_id::text, i.activity_id::text, i.member_id::text, i.buyer_id::text,
       i.type_code, i.number, i.issue_date, i.payment_due_date, i.currency, i.total_without_vat_minor,
       i.total_vat_minor, i.total_with_vat_minor, i.contribution_minor, i.reference,
       s.paid_minor, s.credited_minor, s.written_off_minor, s.overpaid_minor,
       i.preceding_invoice_id::text,
       (select coalesce(max(r.level), 0) from reminder r where r.invoice_id = i.id) as dunning_level
from invoice i
join invoice_settlement s on s.invoice_id = i.id
where i.entity_id = $1
  and ($2::uuid is null or i.id > $2)
  and ($4::uuid is null or i.member_id = $4)
  and ($5::text is null or exists (select from transmission t where t.invoice_id = i.id and t.state = $5))
order by i.id
limit $3;

-- name: invoice_contents :many
select id::text, content
from invoice
where id = any($1::uuid[]);

-- name: lock_debt_by_reference :one
-- Locked until commit: what is settled of one invoice is settled one after the other.
select i.id, i.entity_id, i.order_id, i.activity_id, i.buyer_id, i.number, i.total_without_vat_minor, i.contribution_minor,
       i.total_with_vat_minor, i.currency, s.paid_minor, s.credited_minor, s.written_off_minor, i.payment_due_date,
       w.amount_minor as given_up_minor, w.loss_minor
from invoice i
join invoice_settlement s on s.invoice_id = i.id
left join write_off w on w.invoice_id = i.id
where i.reference = $1
  and i.entity_id = $2
  and i.type_code = '380'
for update of i;

-- name: lock_debt :one
-- The same by its key.
select i.id, i.entity_id, i.order_id, i.activity_id, i.buyer_id, i.number, i.total_without_vat_minor, i.contribution_minor,
       i.total_with_vat_minor, i.currency, s.paid_minor, s.credited_minor, s.written_off_minor, i.payment_due_date,
       w.amount_minor as given_up_minor, w.loss_minor
from invoice i
join invoice_settlement s on s.invoice_id = i.id
left join write_off w on w.invoice_id = i.id
where i.id = $1
  and i.type_code = '380'
for update of i;

-- name: invoices_with_numbers :many
select id
from invoice
where entity_id = $1
  and number = any($2::text[])
  and type_code = '380';

-- name: order_of_invoice :value
select order_id
from invoice
where id = $1;

-- name: invoice_to_credit :one
select content, contribution_minor
from invoice
where id = $1;

-- name: credit_notes_by_invoice :many
select preceding_invoice_id::text as invoice_id, id::text
from invoice
where preceding_invoice_id = any($1::uuid[]);

-- name: insert_invoice_document :exec
insert into invoice_document (invoice_id, kind, media_type, content, sha256, rule_set)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing;

-- name: invoice_documents_by_invoice :many
select invoice_id::text, kind, media_type, octet_length(content) as size_bytes, sha256, rule_set
from invoice_document
where invoice_id = any($1::uuid[])
order by invoice_id, kind desc;

-- name: invoice_document_contents :many
select invoice_id::text, content, media_type, sha256
from invoice_document
where invoice_id = any($1::uuid[])
  and kind = $2;

-- name: invoice_mail :one
select i.number, i.type_code, i.payment_due_date, i.language, b.number as preceding_number, e.name as seller_name,
       p.email, d.content
from invoice i
join entity e on e.id = i.entity_id
join party p on p.id = i.buyer_id
join invoice_document d on d.invoice_id = i.id and d.kind = 'pdf'
left join invoice b on b.id = i.preceding_invoice_id
where i.id = $1;

-- name: insert_transmission :exec
insert into transmission (invoice_id, state, changed_on)
values ($1, 'waiting', $2);

-- name: mark_transmission :exec
update transmission
set state = $2,
    reference = coalesce($3, reference),
    evidence = $4,
    changed_on = $5
where invoice_id = $1;

-- name: transmissions_by_invoice :many
select invoice_id::text, state, reference, evidence, changed_on
from transmission
where invoice_id = any($1::uuid[]);

-- name: insert_reminder :value
-- Null where the client was reminded at this level before.
insert into reminder (invoice_id, level, noted_on)
values ($1, $2, $3)
on conflict do nothing
returning level;

-- name: insert_write_off :value
-- Null where it was given up before.
insert into write_off (invoice_id, write_off_id, amount_minor, loss_minor, currency, written_off_on)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning invoice_id;

-- name: invoice_waited_seconds :value
-- Since it was issued: its documents were asked for in that transaction.
select extract(epoch from clock_timestamp() - created)::float8 from effect where kind = 'invoice.documents' and key = $1;

-- name: count_invoices_unsent :one
-- Issued, and not yet with the network or the mail service. Those that cannot be sent are marked failed.
select count(*)::int as count, min(e.created) as since,
       (extract(epoch from $1::timestamptz - min(e.created)))::float8 as seconds
from transmission t
join effect e on e.kind = 'invoice.documents' and e.key = t.invoice_id::text
where t.state = 'waiting';
