-- What the worker counts every minute: wages of work that is done and not paid, few among all that ever were.
create index contract_unpaid on contract (entity_id, id) where ended_on is not null and paid_on is null;
