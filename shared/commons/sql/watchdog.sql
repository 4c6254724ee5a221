-- name: note_watchdog_exit :exec
insert into watchdog_exit (consumer, reason) values ($1, $2);

-- name: count_watchdog_exits :value
select count(*)::int from watchdog_exit where consumer = $1;

-- name: watchdog_exits_since :value
select count(*)::int from watchdog_exit where ended >= $1;
