-- name: sessions :many
-- The programs of this service are known by the names of their sessions.
select distinct application_name as name from pg_stat_activity where datname = current_database();
