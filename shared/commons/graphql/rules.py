"""Who may: rules that look at the person, at the arguments, or row by row, and never do I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from commons.claims import ANONYMOUS, Claims
from commons.context import Ctx

READS_ALL: Final = "auditor"  # reads everything, changes nothing: architecture.md 5

Mask = list[bool] | None  # None: every row passes

_NONE: Final[Mapping[str, object]] = MappingProxyType({})


class Rule:
    """Who may read or do something.

    `asks` answers for the person and the arguments: yes, no, or None where only a row can tell.
    `mask` then answers for rows: None when all pass, else one answer a row, in their order.
    `text` is what the permission table says. A service's own rule is a subclass; what it needs must already
    be in the context or in the row.
    """

    text = ""
    sees_arguments = False
    sees_rows = False

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        """Whether this person may, whatever the rows are; None if it depends on the row."""
        raise NotImplementedError

    def row(self, who: Claims, arguments: Mapping[str, object], row: Any) -> bool:
        """Whether this person may see this row; asked only where `asks` said None."""
        return False

    def mask(self, ctx: Ctx[Any], rows: Sequence[Any], arguments: Mapping[str, object] = _NONE) -> Mask:
        """Which rows pass for a reader."""
        who = ctx.who
        verdict = self.reads(who, arguments)
        if verdict is None:
            return [self.row(who, arguments, row) for row in rows]
        return None if verdict else [False] * len(rows)

    def reads(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        """`asks` for a read: the auditor always may."""
        return True if READS_ALL in who.roles else self.asks(who, arguments)

    def writes(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        """`asks` for a mutation: the auditor never may, not even what everybody may."""
        return False if READS_ALL in who.roles else self.asks(who, arguments)

    def shown(self, who: Claims) -> bool | None:
        """What the permission table says of a reader: all (True), the own (None), or nothing (False)."""
        return self.reads(who, {})


class Anyone(Rule):
    """Everybody, signed in or not."""

    text = "anyone"

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        return True


class SignedIn(Rule):
    """Everybody with a valid token for this country."""

    text = "signed in"

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        return who is not ANONYMOUS


class WithParent(Rule):
    """Whoever may see the row that carries the field: for parts that never stand alone."""

    text = "with its parent"

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        return True


class Role(Rule):
    """The holders of one of these roles."""

    def __init__(self, *roles: str) -> None:
        assert roles, "a rule names at least one role"
        self.roles = frozenset(roles)
        self.text = ", ".join(roles)

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        return not self.roles.isdisjoint(who.roles)


class Own(Rule):
    """The member whose key the row carries: `Own("member_id")`."""

    sees_rows = True

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        self.text = f"own ({attribute})"

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        return None if who.member_id is not None else False

    def row(self, who: Claims, arguments: Mapping[str, object], row: Any) -> bool:
        value = getattr(row, self.attribute)
        return value is not None and str(value) == str(who.member_id)


class OwnArgument(Rule):
    """The member whose key an argument carries: `OwnArgument("member_id")`."""

    sees_arguments = True

    def __init__(self, argument: str) -> None:
        self.argument = argument
        self.text = f"own (argument {argument})"

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        if who.member_id is None:
            return False
        if self.argument not in arguments:
            return None
        return arguments[self.argument] == who.member_id


class AnyOf(Rule):
    """Whoever one of the rules lets through."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = rules
        self.text = " or ".join(_inside(rule) for rule in rules)
        self.sees_arguments = any(rule.sees_arguments for rule in rules)
        self.sees_rows = any(rule.sees_rows for rule in rules)

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        verdicts = [rule.asks(who, arguments) for rule in self.rules]
        if True in verdicts:
            return True
        return None if None in verdicts else False

    def row(self, who: Claims, arguments: Mapping[str, object], row: Any) -> bool:
        return any(_passes(rule, who, arguments, row) for rule in self.rules)


class AllOf(Rule):
    """Whoever all of the rules let through."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = rules
        self.text = " and ".join(_inside(rule) for rule in rules)
        self.sees_arguments = any(rule.sees_arguments for rule in rules)
        self.sees_rows = any(rule.sees_rows for rule in rules)

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        verdicts = [rule.asks(who, arguments) for rule in self.rules]
        if False in verdicts:
            return False
        return None if None in verdicts else True

    def row(self, who: Claims, arguments: Mapping[str, object], row: Any) -> bool:
        return all(_passes(rule, who, arguments, row) for rule in self.rules)


def _passes(rule: Rule, who: Claims, arguments: Mapping[str, object], row: Any) -> bool:
    verdict = rule.asks(who, arguments)
    return rule.row(who, arguments, row) if verdict is None else verdict


def _inside(rule: Rule) -> str:
    return f"({rule.text})" if isinstance(rule, AnyOf | AllOf) else rule.text
