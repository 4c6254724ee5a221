"""What closing a Belgian quarter changes, without touching a payslip."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from tests.a_wage import a_wage
from tests.documents.a_return import a_return

from commons.country import load_country
from commons.money import Money
from payroll.domain.belgium.engine import Belgium
from payroll.domain.belgium.quarter import (
    REDUCTIONS,
    SPECIAL_CONTRIBUTION,
    QuarterWorked,
    close_quarter,
    quarter_worked,
    regularize,
)
from payroll.domain.belgium.situation import ORDINARY, BelgianSituation, Spouse, Status
from payroll.domain.integers import Spread, spread
from payroll.domain.law import PayrollLaw
from payroll.domain.periodic_return import PaidWork, PeriodEnd

ENGINE = Belgium(PayrollLaw(load_country("be")))
LAST_DAY = date(2026, 9, 30)
HOW = Spread.RUNNING_TOTAL_DOWN_CENT
BRUSSELS = "brussels"


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def a_quarter(*grosses: int) -> QuarterWorked:
    payslips = [ENGINE.payslip(a_wage(gross=gross, day=LAST_DAY)) for gross in grosses]
    return QuarterWorked(
        last_day=LAST_DAY,
        regime=Status.WHITE_COLLAR,
        situation=ORDINARY,
        gross=sum(grosses),
        base=sum(grosses),
        special_contribution=-sum(p.amount("special_contribution").minor for p in payslips),
        employer_contributions=sum(p.amount("employer.base").minor for p in payslips),
        mu_millionths=1_000_000,
    )


def test_equal_months_leave_no_special_contribution_to_settle() -> None:
    closing = regularize(ENGINE, a_quarter(300_000, 300_000, 300_000))
    assert abs(closing.amount("special_contribution.quarter").minor) <= 2


def test_uneven_months_get_back_what_the_advances_took_too_much() -> None:
    closing = regularize(ENGINE, a_quarter(50_000, 50_000, 390_000))
    assert closing.amount("special_contribution.quarter") > eur("0.00")
    assert closing.gross_wage == eur("0.00")


def test_the_structural_reduction_comes_off_the_employers_contributions() -> None:
    closing = regularize(ENGINE, a_quarter(223_361, 223_361, 223_361))
    assert closing.amount("employer.structural_reduction") == eur("-1184.14")
    assert closing.labor_cost == eur("-1184.14")


def test_a_reduction_never_exceeds_what_the_employer_owes() -> None:
    quarter = replace(a_quarter(223_361, 223_361, 223_361), employer_contributions=100_000)
    assert regularize(ENGINE, quarter).amount("employer.structural_reduction") == eur("-1000.00")


def test_the_artists_reduction_is_granted_up_to_its_cap() -> None:
    quarter = replace(a_quarter(300_000, 300_000, 300_000), has_artists_reduction=True)
    assert regularize(ENGINE, quarter).amount("employer.artists_reduction") == eur("-517.00")


def test_the_artists_reduction_needs_three_minimum_incomes() -> None:
    quarter = replace(a_quarter(200_000, 200_000, 200_000), has_artists_reduction=True)
    assert regularize(ENGINE, quarter).amount("employer.artists_reduction") == eur("0.00")


def works_of(*regimes: str) -> list[PaidWork]:
    """Two contracts of nine days in one quarter for each regime, all of one worker."""
    return [
        replace(work, payslip_id=UUID(int=10 * place + number), contract_id=UUID(int=10 * place + number))
        for place, regime in enumerate(regimes)
        for number, work in enumerate(a_return("be", workers=1, regimes=(regime,)).works)
    ]


def test_the_quarter_of_a_worker_sums_every_contract() -> None:
    works = works_of("white_collar")
    quarter = quarter_worked(ENGINE, works, LAST_DAY, BRUSSELS)
    grosses = [work.payslip.gross_wage.minor for work in works]
    assert (len(grosses), quarter.gross, quarter.base) == (2, sum(grosses), sum(grosses))
    assert quarter.mu_millionths == 276_923, "18 of the 65 days of a quarter"
    assert quarter.special_contribution == -sum(
        work.payslip.amount("special_contribution").minor for work in works
    )
    assert quarter.employer_contributions == sum(work.payslip.amount("employer.base").minor for work in works)


def test_more_than_a_full_quarter_is_a_full_quarter() -> None:
    assert quarter_worked(ENGINE, works_of("white_collar") * 5, LAST_DAY, BRUSSELS).mu_millionths == 1_000_000


def test_the_household_is_that_of_the_last_payslip() -> None:
    first, last = works_of("white_collar")
    last = replace(last, facts={"spouse": "own_income", "children": "2"})
    situation = quarter_worked(ENGINE, [first, last], LAST_DAY, BRUSSELS).situation
    assert situation == BelgianSituation(spouse=Spouse.OWN_INCOME, children=2)


@pytest.mark.parametrize(
    "regimes",
    [("white_collar",), ("artist",), ("artist", "white_collar", "manual_worker"), ("artist_1bis",) * 3],
)
@pytest.mark.parametrize("last_day", [date(2026, 3, 31), LAST_DAY])
def test_what_the_contracts_declare_adds_up_to_what_closes_the_quarter(
    regimes: tuple[str, ...], last_day: date
) -> None:
    works = works_of(*regimes)
    closing, parts = close_quarter(ENGINE, works, PeriodEnd(last_day, HOW, BRUSSELS))
    assert closing == regularize(ENGINE, quarter_worked(ENGINE, works, last_day, BRUSSELS))
    for code in (SPECIAL_CONTRIBUTION, *REDUCTIONS):
        amounts = [figure.amount for part in parts for figure in part if figure.code == code]
        assert sum(amount.minor for amount in amounts) == closing.amount(code).minor
    assert closing.amount("employer.structural_reduction") < eur("0.00")


def test_no_contract_declares_less_than_nothing() -> None:
    works = works_of("artist", "white_collar", "manual_worker")
    # One of them is paid a cent of contributions, and withheld more than its part of the quarter.
    works[1] = replace(works[1], counts={**works[1].counts, "base": 1, "special_contribution": 3_000})
    _, parts = close_quarter(ENGINE, works, PeriodEnd(LAST_DAY, HOW, BRUSSELS))
    for work, part in zip(works, parts, strict=True):
        declared = {figure.code: figure.declared.minor for figure in part}
        assert work.counts["special_contribution"] + declared.get(SPECIAL_CONTRIBUTION, 0) >= 0
        reduced = -sum(declared.get(code, 0) for code in REDUCTIONS)
        assert 0 <= reduced <= work.payslip.amount("employer.base").minor


MARCH, JUNE = date(2026, 3, 31), date(2026, 6, 30)


@pytest.mark.parametrize(
    ("regimes", "last_day", "region", "granted"),
    [
        (("artist",), MARCH, "brussels", "-201.18"),
        (("artist_1bis",), MARCH, "brussels", "-201.18"),
        (("white_collar",), MARCH, "brussels", "0.00"),
        (("artist", "white_collar"), MARCH, "brussels", "0.00"),
        # Until March 2026 every region grants it; from April on Flanders does not.
        (("artist",), MARCH, "flanders", "-201.18"),
        (("artist",), MARCH, None, "-201.18"),
        (("artist",), JUNE, "brussels", "-201.18"),
        (("artist_1bis",), JUNE, "wallonia", "-201.18"),
        (("artist",), JUNE, "flanders", "0.00"),
        (("artist",), JUNE, None, "0.00"),
    ],
)
def test_the_artists_reduction_is_claimed_as_the_law_of_the_quarter_and_of_the_region_has_it(
    regimes: tuple[str, ...], last_day: date, region: str | None, granted: str
) -> None:
    closing, _ = close_quarter(ENGINE, works_of(*regimes), PeriodEnd(last_day, HOW, region))
    assert closing.amount("employer.artists_reduction") == eur(granted)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [33, 33, 34]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (7, [0, 5, 0], [0, 7, 0]),
        (0, [3, 4], [0, 0]),
        (0, [0, 0], [0, 0]),
        (101, [1], [101]),
    ],
)
def test_a_spread_amount_adds_up_and_no_part_is_a_cent_off_its_share(
    amount: int, weights: list[int], parts: list[int]
) -> None:
    assert spread(amount, weights, HOW) == parts
    assert sum(parts) == amount
