-- name: insert_member_standing :exec
insert into member_standing (entity_id, member_id, category, admitted_on)
values ($1, $2, $3, $4)
on conflict (entity_id, member_id) do update set category = excluded.category;

-- name: insert_paid_share :exec
insert into paid_share (subscription_id, entity_id, member_id, register_number, quantity, paid_on)
values ($1, $2, $3, $4, $5, $6)
on conflict (subscription_id) do nothing;

-- name: insert_departure :exec
insert into departure (entity_id, register_number, member_id, resigned_on)
values ($1, $2, $3, $4)
on conflict do nothing;

-- name: standings_of_entity :many
-- One row for each time between a first paid share and a departure: who came back has two.
select m.member_id, m.category, min(s.paid_on) as paid_on, d.resigned_on as left_on
from member_standing m
join paid_share s using (entity_id, member_id)
left join lateral (
  select d.register_number, d.resigned_on
  from departure d
  where d.entity_id = s.entity_id
    and d.member_id = s.member_id
    and d.register_number > s.register_number
  order by d.register_number
  limit 1
) d on true
where m.entity_id = $1
group by m.member_id, m.category, d.register_number, d.resigned_on;
