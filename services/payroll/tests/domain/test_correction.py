"""What differs in a payslip, and how later ones settle it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.a_wage import a_wage
from tests.documents.pdf_text import text_of
from tests.domain.test_every_engine import each_country, ground

from commons.country import load_country
from commons.money import Money
from payroll.documents.payslip_pdf import PayslipHeader, render_payslip
from payroll.domain.belgium.situation import BelgianSituation, Spouse
from payroll.domain.correction import (
    LABOR_COST,
    NET_PAYABLE,
    NET_WAGE,
    OpenCorrection,
    corrected_lines,
    corrected_payslip,
    correction_payslip,
    difference,
    differences,
    line_words,
    own_lines,
    recovery,
    settle,
)
from payroll.domain.engines import engine_of
from payroll.domain.explanation import Total, explanation
from payroll.domain.sheet import Kind, Line, Payslip

ENGINE: Final = engine_of(load_country("be"))
DAY: Final = date(2026, 9, 14)
SINGLE: Final = ENGINE.payslip(a_wage())
PARENT: Final = ENGINE.payslip(
    a_wage(situation=BelgianSituation(spouse=Spouse.NONE, children=2, is_single_parent=True))
)
LIMIT: Final = recovery(ENGINE.law, DAY, must_be_confirmed=False)


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


def an_open(cents: int, day: date = date(2026, 7, 31), key: UUID | None = None) -> OpenCorrection:
    pair = (SINGLE, PARENT) if cents > 0 else (PARENT, SINGLE)
    deltas = differences(pair[0].lines, pair[1].lines)
    return OpenCorrection(key or uuid4(), uuid4(), day, deltas, euros(cents))


def amounts(lines: tuple[Line, ...]) -> dict[str, Money]:
    return {line.code: line.amount for line in lines if line.amount.minor}


@each_country
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_payslip_and_its_deltas_are_the_payslip_of_the_facts_known_now(
    code: str, data: st.DataObject
) -> None:
    engine = ground(code).engine
    told, known = data.draw(ground(code).wages), data.draw(ground(code).wages)
    before = engine.payslip(told)
    now = engine.payslip(replace(told, situation=known.situation, time=known.time))
    deltas = differences(before.lines, now.lines)
    assert amounts(corrected_lines(before.lines, deltas)) == amounts(now.lines)
    for kinds, total in (
        (NET_WAGE, "net_wage"),
        (NET_PAYABLE, "net_payable"),
        (LABOR_COST, "labor_cost"),
    ):
        after: Money = getattr(now, total)
        assert getattr(before, total) + difference(deltas, kinds, after.currency) == after
    assert differences(corrected_lines(before.lines, deltas), now.lines) == ()
    corrected = corrected_payslip(before, [deltas])
    for total in ("gross_wage", "net_wage", "net_payable", "labor_cost"):
        assert getattr(corrected, total) == getattr(now, total)


def test_a_payslip_is_its_own_month_as_corrected_twice_without_what_it_took_up() -> None:
    there, back = differences(SINGLE.lines, PARENT.lines), differences(PARENT.lines, SINGLE.lines)
    bearing, _ = settle(SINGLE, [an_open(12_345)], LIMIT)
    assert corrected_payslip(bearing, []) == SINGLE
    once, twice = corrected_payslip(bearing, [there]), corrected_payslip(bearing, [there, back])
    assert (once.net_payable, once.net_wage) == (PARENT.net_payable, PARENT.net_wage)
    assert amounts(once.lines) == amounts(PARENT.lines)
    assert twice.net_payable == SINGLE.net_payable
    assert amounts(twice.lines) == amounts(SINGLE.lines)


def test_what_is_owed_is_paid_with_the_next_wage_line_by_line() -> None:
    owed = PARENT.net_payable - SINGLE.net_payable
    found, settled = settle(SINGLE, [an_open(owed.minor)], LIMIT)
    assert [each.amount for each in settled] == [owed]
    assert found.net_payable == SINGLE.net_payable + owed
    assert (found.gross_wage, found.net_wage, found.labor_cost) == (
        SINGLE.gross_wage,
        SINGLE.net_wage,
        SINGLE.labor_cost,
    )
    assert own_lines(found.lines) == SINGLE.lines
    taken = found.amount("correction.2026-07-31")
    steps = [line for line in found.lines if line.code.startswith("correction.2026-07-31/")]
    assert taken == owed
    assert {line.kind for line in steps} == {Kind.STEP}
    assert all(line.source for line in steps)
    nodes = {node.code: node for node in explanation(found.lines, Total.NET_PAYABLE)}
    assert nodes["correction.2026-07-31"].reason == "sum"
    assert nodes["correction.2026-07-31/withholding"].source is not None


@given(
    net=st.integers(0, 500_000),
    opens=st.lists(st.integers(-300_000, 300_000).filter(bool), min_size=1, max_size=6),
)
@settings(max_examples=200, deadline=None)
def test_nobody_is_withheld_more_than_the_law_allows_and_nothing_is_lost(net: int, opens: list[int]) -> None:
    payslip: Payslip = replace(SINGLE, net_payable=euros(net))
    corrections = [an_open(cents) for cents in opens]
    found, settled = settle(payslip, corrections, LIMIT)
    by_id = {each.id: each.open.minor for each in corrections}
    for each in settled:
        assert each.amount.minor * by_id[each.correction_id] > 0
        assert abs(each.amount.minor) <= abs(by_id[each.correction_id])
    paid = sum(each.amount.minor for each in settled)
    assert found.net_payable.minor == net + paid
    assert paid >= -(net * 20 // 100)
    assert sum(each.amount.minor for each in settled if each.amount.minor > 0) == sum(
        cents for cents in opens if cents > 0
    )
    rest = sum(opens) - paid
    assert bool(rest) == any(remark.code == "correction.carried_over" for remark in found.remarks)
    if rest:
        assert paid == -(net * 20 // 100), "what is carried over is what the law does not let us withhold"


def test_where_the_law_is_not_known_nothing_of_a_wage_is_withheld() -> None:
    found, settled = settle(SINGLE, [an_open(-5_000)], None)
    assert (found.net_payable, settled) == (SINGLE.net_payable, ())
    assert found.remarks[-1].words["fr"].startswith("Ce qui a été payé en trop")
    assert recovery(ENGINE.law, DAY, must_be_confirmed=True) is None, "inferred, and confirmed by nobody"


def test_a_payslip_of_corrections_alone_owes_what_is_left_and_never_a_debt() -> None:
    payslip, settled = correction_payslip([an_open(5_000), an_open(-2_000)], ENGINE.law, DAY, ENGINE.version)
    assert payslip.net_payable == euros(3_000)
    assert [each.amount.minor for each in settled] == [5_000, -2_000]
    payslip, settled = correction_payslip([an_open(5_000), an_open(-7_000)], ENGINE.law, DAY, ENGINE.version)
    assert payslip.net_payable == euros(0)


def test_corrections_of_one_month_keep_lines_of_their_own_with_words_in_every_language() -> None:
    found, _ = settle(SINGLE, [an_open(100), an_open(200)], LIMIT)
    codes = [line.code for line in found.lines]
    assert len(codes) == len(set(codes))
    assert found.amount("correction.2026-07-31.2") == euros(200)
    for line in found.lines:
        words = line_words(ENGINE.law, line.code)
        assert set(ENGINE.law.country.languages) <= set(words)
        assert line.label["nl"] == words["nl"]


def test_the_payslip_on_paper_says_what_was_corrected_and_why_the_rest_waits() -> None:
    found, _ = settle(SINGLE, [an_open(2_500), an_open(-90_000, date(2026, 6, 30))], LIMIT)
    header = PayslipHeader(
        employer_name="Coopérative d'essai",
        employer_rows=(),
        worker_name="Zoë Müller",
        worker_rows=(),
        reference="PS-2026-000124",
        first_day=date(2026, 9, 1),
        last_day=date(2026, 9, 30),
        due_date=date(2026, 10, 8),
    )
    text = text_of(render_payslip(found, header, "en"))
    assert "Correctionofthepayperioduntil2026-07-31" in text
    assert "Correctionofthepayperioduntil2026-06-30:" in text
    assert "therestiscarriedovertothenext" in text


@pytest.mark.parametrize("code", ["be", "fr", "hu"])
def test_the_countries_that_run_say_what_may_be_withheld(code: str) -> None:
    law = engine_of(load_country(code)).law
    rule = recovery(law, DAY, must_be_confirmed=False)
    assert rule is not None
    assert 0 < rule.rate("share_of_net") <= 500_000
