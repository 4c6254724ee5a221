"""Every act on a contract in every state is decided: it leads to a state, or is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from commons.country import load_country
from commons.money import Money
from commons.refusal import Refusal
from payroll.domain.belgium.situation import Status
from payroll.domain.contract import (
    Contract,
    ContractKind,
    ContractState,
    Terms,
    accept_hire,
    end_contract,
    hold_budget,
    pay_contract,
    refuse_contract,
    request_contract,
)
from payroll.domain.law import PayrollLaw

BEFORE, DURING, AFTER = date(2026, 6, 15), date(2026, 7, 15), date(2026, 8, 1)
TERMS = Terms(
    ContractKind.MONTH, Status.WHITE_COLLAR, date(2026, 7, 1), date(2026, 7, 31), Money.of("3000.00", "EUR")
)
ACTS: dict[str, Callable[[Contract, date], Contract]] = {
    "hold_budget": hold_budget,
    "accept_hire": accept_hire,
    "end": end_contract,
    "pay": pay_contract,
    "refuse": lambda contract, today: refuse_contract(contract, "BudgetTooSmall", today),
}
STATES: dict[str, tuple[date, tuple[str, ...]]] = {
    "requested": (BEFORE, ()),
    "budget_held": (BEFORE, ("hold_budget",)),
    "declared": (BEFORE, ("hold_budget", "accept_hire")),
    "active": (DURING, ("hold_budget", "accept_hire")),
    "active past its last day": (AFTER, ("hold_budget", "accept_hire")),
    "ended": (AFTER, ("hold_budget", "accept_hire", "end")),
    "paid": (AFTER, ("hold_budget", "accept_hire", "end", "pay")),
    "refused": (BEFORE, ("refuse",)),
    "refused when declared": (DURING, ("hold_budget", "accept_hire", "refuse")),
}
DECIDED: dict[str, dict[str, str]] = {
    "requested": {
        "hold_budget": "budget_held",
        "accept_hire": "BudgetNotHeld",
        "end": "HireNotDeclared",
        "pay": "HireNotDeclared",
        "refuse": "refused",
    },
    "budget_held": {
        "hold_budget": "budget_held",
        "accept_hire": "declared",
        "end": "HireNotDeclared",
        "pay": "HireNotDeclared",
        "refuse": "refused",
    },
    "declared": {
        "hold_budget": "declared",
        "accept_hire": "declared",
        "end": "ContractNotEnded",
        "pay": "ContractNotEnded",
        "refuse": "refused",
    },
    "active": {
        "hold_budget": "active",
        "accept_hire": "active",
        "end": "ContractNotEnded",
        "pay": "ContractNotEnded",
        "refuse": "refused",
    },
    "active past its last day": {
        "hold_budget": "active",
        "accept_hire": "active",
        "end": "ended",
        "pay": "ContractNotEnded",
        "refuse": "refused",
    },
    "ended": {
        "hold_budget": "ended",
        "accept_hire": "ended",
        "end": "ContractAlreadyEnded",
        "pay": "paid",
        "refuse": "ContractAlreadyEnded",
    },
    "paid": {
        "hold_budget": "paid",
        "accept_hire": "paid",
        "end": "ContractAlreadyEnded",
        "pay": "paid",
        "refuse": "ContractAlreadyEnded",
    },
    "refused": {
        "hold_budget": "ContractAlreadyRefused",
        "accept_hire": "ContractAlreadyRefused",
        "end": "ContractAlreadyRefused",
        "pay": "ContractAlreadyRefused",
        "refuse": "refused",
    },
    "refused when declared": {
        "hold_budget": "ContractAlreadyRefused",
        "accept_hire": "ContractAlreadyRefused",
        "end": "ContractAlreadyRefused",
        "pay": "ContractAlreadyRefused",
        "refuse": "refused",
    },
}


def a_contract_that(*acts: str) -> Contract:
    contract = request_contract(
        contract_id=UUID(int=7),
        terms=TERMS,
        labor_cost=Money.of("4000.00", "EUR"),
        law=PayrollLaw(load_country("be")),
        today=BEFORE,
    )
    for act in acts:
        contract = ACTS[act](contract, AFTER if act in ("end", "pay") else BEFORE)
    return contract


def outcome(contract: Contract, act: str, today: date) -> str:
    try:
        return ACTS[act](contract, today).state(today).value
    except Refusal as refusal:
        return type(refusal).__name__


def test_every_pair_of_state_and_act_is_decided_as_listed_here() -> None:
    walked = {
        state: {act: outcome(a_contract_that(*acts), act, today) for act in ACTS}
        for state, (today, acts) in STATES.items()
    }
    assert walked == DECIDED


def test_every_state_is_walked() -> None:
    reached = {a_contract_that(*acts).state(today) for today, acts in STATES.values()}
    assert reached == set(ContractState)
