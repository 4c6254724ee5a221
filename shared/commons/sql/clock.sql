-- name: business_day :one
select day, simulated, time_zone from business_day where entity_id = $1;

-- name: business_day_for_update :one
select day, simulated from business_day where entity_id = $1 for update;

-- name: register_entity :exec
insert into business_day (entity_id, day, simulated, time_zone) values ($1, $2, $3, $4) on conflict do nothing;

-- name: set_business_day :exec
update business_day set day = $2 where entity_id = $1 and simulated and day < $2;
