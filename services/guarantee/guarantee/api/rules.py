"""A rule of this service: what it adds to things of other services is shown row by row by its loader."""

from __future__ import annotations

from commons.claims import Claims
from commons.graphql import AnyOf, Own, Role, Rule, SignedIn


class AsLoaded(SignedIn):
    """Everybody signed in may ask; the loader answers nothing for a row that `rule` keeps from the person.

    The key of an order or a payslip does not tell whose it is: only the loaded row does.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.text = f"signed in; nothing unless {rule.text}"

    def shown(self, who: Claims) -> bool | None:
        """What the loader shows, which is what there is to know."""
        return self.rule.reads(who, {}) if self.reads(who, {}) else False


COVER_READERS = AnyOf(Role("adviser", "accountant", "credit_controller", "board"), Own("member_id"))
FUNDING_READERS = AnyOf(
    Role("adviser", "payroll_officer", "accountant", "credit_controller", "board"), Own("member_id")
)
FUND_STAFF = Role("accountant", "credit_controller", "board")
