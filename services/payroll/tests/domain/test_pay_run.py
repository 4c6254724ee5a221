"""Payslips that are computed together are those that each contract gets alone, to the last word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

import pytest

from commons.country import load_country
from commons.money import Money
from payroll.domain.contract import Contract, ContractKind, Terms
from payroll.domain.earlier import Counted
from payroll.domain.engines import engine_of
from payroll.domain.errors import HireDeclaredLate, ProfileRefusal
from payroll.domain.facts import QuestionKind, questions, situation_of
from payroll.domain.pay_run import Computed, Outcome, WorkDone, compute_all

WORKERS: Final = 30
FIRST, LAST = date(2026, 7, 1), date(2026, 7, 31)


@pytest.mark.parametrize("country", ["be", "fr", "hu"])
def test_a_payslip_computed_among_many_is_the_one_computed_alone(country: str) -> None:
    works = [a_work(country, number) for number in range(WORKERS)]
    together = run(country, works)
    for work, found in zip(works, together, strict=True):
        [alone] = run(country, [work])
        if isinstance(alone, Exception):
            assert type(found) is type(alone)
        else:
            assert found == alone
    assert sum(isinstance(found, Computed) for found in together) > WORKERS // 2


def test_a_worker_who_fails_stops_no_other() -> None:
    works = [a_work("be", number) for number in range(5)]
    works[2] = a_work("be", 2, declared_on=date(2026, 7, 2))
    found = run("be", works)
    assert isinstance(found[2], HireDeclaredLate)
    assert [isinstance(each, Computed) for each in found] == [True, True, False, True, True]


def test_the_second_contract_of_a_worker_counts_what_the_first_did() -> None:
    one = [a_work("be", 1, worker=9), a_work("be", 1, worker=9)]
    first, second = run("be", one)
    assert isinstance(first, Computed)
    assert isinstance(second, Computed)
    before = [Counted(first.period.last, first.counts)]
    [after] = run("be", one[1:], before)
    assert second == after
    assert second.payslip.lines != first.payslip.lines


def run(country: str, works: Sequence[WorkDone], before: Sequence[Counted] = ()) -> list[Outcome]:
    law = load_country(country)
    return compute_all(
        works,
        engine=engine_of(law),
        country=law,
        earlier={works[0].worker_id: before},
        must_be_confirmed=False,
    )


def a_work(
    country: str, number: int, *, worker: int | None = None, declared_on: date = date(2026, 6, 20)
) -> WorkDone:
    """A month or some days of a worker; facts and amounts turn each at a pace of its own."""
    engine = engine_of(load_country(country))
    regimes = sorted(
        name for name in engine.law.rule("contract.price", LAST).fields if name not in ("source", "read")
    )
    by_days = number % 3 == 0
    minor = 250_000 + 91_237 * number % 900_000
    terms = Terms(
        kind=ContractKind.DAYS if by_days else ContractKind.MONTH,
        regime=regimes[number % len(regimes)],
        first_day=FIRST,
        last_day=LAST,
        wage=Money(minor // 10 if by_days else minor, engine.law.currency),
        days=5 if by_days else 0,
        hours=Decimal(0),
    )
    contract = Contract(
        id=UUID(int=number),
        terms=terms,
        labor_cost=Money(minor, engine.law.currency),
        requested_on=date(2026, 6, 15),
        budget_held_on=date(2026, 6, 16),
        declared_on=declared_on,
        ended_on=LAST,
    )
    answers = {
        asked.name: asked.choices[number // (2 + place) % len(asked.choices)]
        for place, asked in enumerate(questions(engine.situation_type))
        if asked.kind in (QuestionKind.CHOICE, QuestionKind.YES_NO)
    }
    try:
        situation_of(engine.situation_type, answers)
    except ProfileRefusal:  # these cannot be true together
        answers = {}
    return WorkDone(contract, UUID(int=1_000 + (number if worker is None else worker)), answers)
