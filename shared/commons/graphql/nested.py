"""Nested fields that need I/O: one call for all rows of a request, guarded by a rule."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from typing import Any

from strawberry import Info

from commons.graphql.declaration import Declaration, declare
from commons.graphql.errors import denied
from commons.graphql.request import Load, Request
from commons.graphql.rules import Rule
from commons.graphql.signature import SchemaFault, callable_with, description_of, signature_of

_SELF = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
_INFO = inspect.Parameter("info", inspect.Parameter.KEYWORD_ONLY, annotation=Info)


def batched(load: Load, *, key: str, rule: Rule, description: str | None = None) -> Any:
    """A field that a batch loader answers: `batched(lines_by_invoice, key="key", rule=WithParent())`.

    The loader is `async def lines_by_invoice(ctx, keys, *, …) -> list`, one result a key, in their order; an
    exception in a place fails that place. `key` is the attribute of the row that holds the key; a row without
    one answers null. The rule looks at the row that carries the field; unless it lets everybody through who
    sees that row, the field must be nullable.
    """
    if rule.sees_arguments:
        raise SchemaFault(f"{load}: the rule of a nested field looks at the row, not at arguments")
    signature = signature_of(load, given=2)

    def resolve(self: Any, info: Info[Request, None], **raw: Any) -> Awaitable[Any] | None:
        request = info.context
        if not all(rule.mask(request.ctx, [self]) or ()):
            raise denied(request.ctx.who)
        value = getattr(self, key)
        if value is None:
            return None
        arguments = signature.decode(raw, request.ctx.country.upper) if raw else {}
        return request.loader(load, arguments).load(value)

    return declare(
        callable_with(resolve, [_SELF, _INFO, *signature.parameters()]),
        Declaration("nested", rule, load, attributes=(key,)),
        description=description or description_of(load),
    )
