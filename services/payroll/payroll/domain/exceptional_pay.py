"""Pay beside the wage of a contract: what an officer may record, and for whom."""

from __future__ import annotations

from enum import StrEnum

from commons.money import Money
from payroll.domain.contract import Contract, check_amount, check_currency
from payroll.domain.errors import ContractAlreadyRefused, ExceptionalPayUnknown, GrossNotPositive
from payroll.domain.law import PayrollLaw


class ExceptionalPayKind(StrEnum):
    """Which pay it is."""

    YEAR_END_PREMIUM = "year_end_premium"


def check_exceptional_pay(
    contract: Contract, kind: ExceptionalPayKind, amount: Money, law: PayrollLaw
) -> None:
    """Refuse what no payslip of the contract could pay.

    The country's data names the kinds of employment that have such pay, `exceptional_pay`. Raises
    ContractAlreadyRefused, ExceptionalPayUnknown, GrossNotPositive, WageTooLarge, CurrencyMismatch.
    """
    if contract.refused_on is not None:
        raise ContractAlreadyRefused(contract=contract.id, reason=contract.refusal_code)
    check_currency(amount, law)
    if amount.minor <= 0:
        raise GrossNotPositive(amount=amount).at("amount")
    check_amount(amount)
    rule = law.find("exceptional_pay", contract.terms.last_day)
    regimes = rule.text(kind).split() if rule is not None and rule.has(kind) else []
    if contract.terms.regime not in regimes:
        raise ExceptionalPayUnknown(kind=kind, regime=contract.terms.regime, regimes=regimes).at("kind")
