"""Root fields: what may be asked, by whom, and which capability answers, on one line."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from strawberry import ID, Info

from commons.arguments import Text
from commons.graphql.declaration import Declaration, declare
from commons.graphql.errors import denied
from commons.graphql.mutations import IDEMPOTENCY_KEY_LENGTH_MAX, perform, refused
from commons.graphql.request import Request
from commons.graphql.rules import Rule
from commons.graphql.signature import SchemaFault, callable_with, description_of, signature_of
from commons.page import Page
from commons.refusal import Refusal

Capability = Callable[..., Awaitable[Any]]

_INFO = inspect.Parameter("info", inspect.Parameter.KEYWORD_ONLY, annotation=Info)
_IDEMPOTENCY_KEY = inspect.Parameter("idempotency_key", inspect.Parameter.KEYWORD_ONLY, annotation=ID | None)


def root(rule: Rule, *, resolver: Capability, deprecated: str | None = None) -> Any:
    """A query field: `members: Connection[Member] = root(Role("adviser"), resolver=find_members)`.

    Its arguments are the capability's keyword-only parameters. A rule that looks at rows filters a list, and
    answers FORBIDDEN for a single row, the same whether the row exists or not.
    """
    signature = signature_of(resolver, given=1)

    async def resolve(info: Info[Request, None], **raw: Any) -> Any:
        ctx = info.context.ctx
        who = ctx.who
        verdict = rule.reads(who, {})
        if verdict is False:
            raise denied(who)
        arguments = signature.decode(raw, ctx.country.upper)
        if verdict is None:
            verdict = rule.reads(who, arguments)
            if verdict is False:
                raise denied(who)
        try:
            found = await resolver(ctx, **arguments)
        except Refusal as refusal:
            # "unknown" would tell a person who may only see some of the rows which of them exist
            if verdict is None and refusal.code.startswith("Unknown"):
                raise denied(who) from None
            raise
        return found if verdict else _visible(rule, ctx, arguments, found)

    return declare(
        callable_with(resolve, [_INFO, *signature.parameters()]),
        Declaration("query", rule, resolver),
        description=description_of(resolver),
        deprecated=deprecated,
    )


def root_mutation(rule: Rule, *, resolver: Capability, deprecated: str | None = None) -> Any:
    """A mutation field: `close: Loan | Refusal = root_mutation(Role("member"), resolver=close)`.

    The answer is the union CloseResult; the field also takes an `idempotencyKey`. Runs the capability in one
    transaction, once per key; a refusal rolls back and is the answer. The rule decides before the
    transaction: by the person or by the arguments. Where only the loaded row can tell, the rule names the
    roles and the capability refuses with NotYours.
    """
    if rule.sees_rows:
        raise SchemaFault(
            f"{resolver.__qualname__}: a mutation has no row yet; use OwnArgument or must_be_own"
        )
    signature = signature_of(resolver, given=1)

    async def resolve(info: Info[Request, None], idempotency_key: str | None = None, **raw: Any) -> Any:
        request = info.context
        who = request.ctx.who
        if rule.writes(who, {}) is False:
            raise denied(who)
        try:
            arguments = signature.decode(raw, request.ctx.country.upper)
            key = None if idempotency_key is None else _checked(idempotency_key)
        except Refusal as refusal:
            return refused(refusal)
        if not rule.writes(who, arguments):
            raise denied(who)
        return await perform(request, info.schema, info.field_name, resolver, raw, arguments, key)

    return declare(
        callable_with(resolve, [_INFO, *signature.parameters(), _IDEMPOTENCY_KEY]),
        Declaration("mutation", rule, resolver),
        description=description_of(resolver),
        deprecated=deprecated,
    )


_KEY = Text(max=IDEMPOTENCY_KEY_LENGTH_MAX, min=1)


def _checked(key: str) -> str:
    try:
        return _KEY.check(key)
    except Refusal as refusal:
        raise refusal.at("idempotencyKey") from None


def _visible(rule: Rule, ctx: Any, arguments: Mapping[str, object], found: Any) -> Any:
    """What of the capability's answer this person may see."""
    if isinstance(found, Page):
        return Page(_filtered(rule, ctx, arguments, found.nodes), found.page_info)
    if isinstance(found, list):
        return _filtered(rule, ctx, arguments, found)
    if found is None or not all(rule.mask(ctx, [found], arguments) or ()):
        raise denied(ctx.who)
    return found


def _filtered(rule: Rule, ctx: Any, arguments: Mapping[str, object], rows: list[Any]) -> list[Any]:
    mask = rule.mask(ctx, rows, arguments)
    return rows if mask is None else [row for row, passes in zip(rows, mask, strict=True) if passes]
