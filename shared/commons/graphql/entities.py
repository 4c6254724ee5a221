"""Entities: what the gateway may fetch by key, one batch loader and one rule a type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from commons import global_id
from commons.context import Ctx
from commons.graphql.errors import BAD_USER_INPUT, Fault, denied
from commons.graphql.records import Ref, row_of
from commons.graphql.request import Request
from commons.graphql.rules import Rule
from commons.graphql.signature import SchemaFault
from commons.refusal import Refusal

REPRESENTATIONS_MAX: Final = 500  # entities in one call: gateway.md 8

LoadEntities = Callable[[Ctx[Any], list[str]], Awaitable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Entity:
    """How one type is fetched by its keys, and who may."""

    described: type
    type_name: str
    load: LoadEntities
    rule: Rule


def entity(described: type, load: LoadEntities | None = None, *, rule: Rule) -> Entity:
    """One entity: `entity(Member, members_by_key, rule=AnyOf(Role("adviser"), Own("key")))`.

    The loader is given distinct keys, as text, and answers one row (or None) a key, in their order. A type
    that only adds fields to a foreign entity (its row is a `Ref`) needs none: its keys are taken as they are.
    """
    definition = getattr(described, "__strawberry_definition__", None)
    row = row_of(described)
    if definition is None or row is None:
        raise SchemaFault(f"{described}: an entity is a record")
    if load is None:
        if not issubclass(row, Ref):
            raise SchemaFault(f"{described}: only a Ref needs no loader")
        load = _as_they_are(row)
    if rule.sees_arguments:
        raise SchemaFault(f"{described}: an entity has no arguments")
    return Entity(described, definition.name, load, rule)


async def resolve_entities(
    request: Request, entities: dict[str, Entity], representations: Sequence[Any]
) -> list[Any]:
    """The rows of representations in their order; an exception in a place fails that place."""
    if len(representations) > REPRESENTATIONS_MAX:
        raise Fault(BAD_USER_INPUT, f"At most {REPRESENTATIONS_MAX} entities in one call.")
    results: list[Any] = [None] * len(representations)
    wanted: dict[str, dict[str, list[int]]] = {}
    for index, representation in enumerate(representations):
        try:
            type_name, key = _read(representation, entities, request.ctx.country.upper)
            wanted.setdefault(type_name, {}).setdefault(key, []).append(index)
        except (Fault, Refusal) as refusal:
            results[index] = refusal
    for type_name, places in wanted.items():
        answers = await _fetch(request.ctx, entities[type_name], list(places))
        for answer, indexes in zip(answers, places.values(), strict=True):
            for index in indexes:
                results[index] = answer
    return results


async def _fetch(ctx: Ctx[Any], wanted: Entity, keys: list[str]) -> Sequence[Any]:
    verdict = wanted.rule.reads(ctx.who, {})
    if verdict is False:
        return [denied(ctx.who)] * len(keys)
    try:
        rows = await wanted.load(ctx, keys)
    except Exception as error:  # fails the entities of this type, not those of the others in the same call
        return [error] * len(keys)
    if len(rows) != len(keys):
        raise SchemaFault(f"{wanted.type_name}: the loader answered {len(rows)} rows for {len(keys)} keys")
    if verdict:
        return rows
    present = [row for row in rows if row is not None and not isinstance(row, Exception)]
    mask = wanted.rule.mask(ctx, present)
    passing = iter(mask if mask is not None else [True] * len(present))
    # to a person who sees some of the rows, a row that is not there looks like one that is somebody else's
    return [
        row if isinstance(row, Exception) or (row is not None and next(passing)) else denied(ctx.who)
        for row in rows
    ]


def _read(representation: Any, entities: dict[str, Entity], country: str) -> tuple[str, str]:
    if not isinstance(representation, dict):
        raise Fault(BAD_USER_INPUT, "A representation is an object.")
    type_name, text = representation.get("__typename"), representation.get("id")
    if not isinstance(type_name, str) or type_name not in entities or not isinstance(text, str):
        raise Fault(BAD_USER_INPUT, "No entity of this service has this type and key.")
    return type_name, str(global_id.decode_as(text, type_name, country))


def _as_they_are(stub: type[Ref]) -> LoadEntities:
    async def load(ctx: Ctx[Any], keys: list[str]) -> Sequence[Any]:
        return [stub(key=key) for key in keys]

    load.__name__ = "its key"
    return load
