-- name: insert_member_standing :exec
insert into member_standing (entity_id, member_id, category, admitted_on)
values ($1, $2, $3, $4)
on conflict do nothing;

-- name: insert_paid_share :exec
insert into paid_share (subscription_id, entity_id, member_id, register_number, quantity, paid_on)
values ($1, $2, $3, $4, $5, $6)
on conflict (subscription_id) do nothing;

-- name: standings_of_entity :many
select m.member_id, m.category, min(s.paid_on) as paid_on
from member_standing m
join paid_share s using (entity_id, member_id)
where m.entity_id = $1
group by m.member_id, m.category;
