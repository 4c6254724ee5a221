"""Why a wage is what it is: from the amount down to the contract, the facts and the article of law, in every country."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.test_every_engine import each_country, ground

from payroll.documents.explain import explained, main
from payroll.domain.explanation import NODES_MAX, Node, Reason, Total, explanation, traced_payslip
from payroll.domain.integers import pick
from payroll.domain.sheet import Kind, Payslip
from payroll.domain.traced import Traced, made_of

EXAMPLES = 25


def drawn(code: str, data: st.DataObject) -> Payslip:
    return traced_payslip(ground(code).engine, data.draw(ground(code).wages))


def children(nodes: Sequence[Node], place: int) -> list[Node]:
    below = []
    for node in nodes[place + 1 :]:
        if node.depth <= nodes[place].depth:
            break
        if node.depth == nodes[place].depth + 1:
            below.append(node)
    return below


@each_country
@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_traced_payslip_is_the_payslip(code: str, data: st.DataObject) -> None:
    engine, wage = ground(code).engine, data.draw(ground(code).wages)
    plain, with_names = engine.payslip(wage), traced_payslip(engine, wage)
    assert [line.amount for line in with_names.lines] == [line.amount for line in plain.lines]
    assert with_names.fingerprint == plain.fingerprint


@each_country
@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_every_line_was_made_of_earlier_lines_or_of_what_was_told(code: str, data: st.DataObject) -> None:
    words = ground(code).engine.law.line_codes()
    for line in drawn(code, data).lines:
        lines = {name for name in line.made_of if name in words}
        told = set(line.made_of) - lines
        assert line.made_of, line.code
        assert {name.split(".")[0] for name in told} <= {"terms", "time", "situation", "earlier"}
        assert line.code not in lines


@each_country
@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_the_tree_adds_up_and_ends_at_the_contract_a_fact_or_an_article(
    code: str, data: st.DataObject
) -> None:
    payslip = drawn(code, data)
    for asked, amount in (
        (Total.NET_PAYABLE, payslip.net_payable),
        (Total.LABOR_COST, payslip.labor_cost),
    ):
        nodes = explanation(payslip.lines, asked)
        assert nodes[0].amount == amount
        assert len(nodes) < NODES_MAX
        for place, node in enumerate(nodes):
            below = children(nodes, place)
            if node.reason is Reason.SUM:
                assert node.amount is not None
                assert node.amount.minor == sum(each.amount.minor for each in below if each.amount)
            if not below:
                is_told = node.reason in (Reason.TOLD, Reason.ABOVE)
                assert is_told or node.source is not None, node


@each_country
@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_every_deduction_and_charge_is_followed_to_an_article_of_law(code: str, data: st.DataObject) -> None:
    payslip = drawn(code, data)
    nodes = [node for asked in Total for node in explanation(payslip.lines, asked)]
    explained_codes = {node.code for node in nodes if node.reason is not Reason.ABOVE}
    for line in payslip.lines:
        if line.kind in (Kind.DEDUCTION, Kind.CHARGE):
            assert line.code in explained_codes
            assert line.source is not None
            assert line.source.text
            assert line.source.since <= payslip.day


@each_country
def test_an_officer_follows_a_wage_of_each_country_from_amount_to_article(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    gross = {"hu": "450000", "se": "32000.00"}.get(code, "3200.00")
    language = ground(code).engine.law.country.languages[0]
    assert main([code, gross, "--day", "2026-09-30", "--language", language]) == 0
    text = capsys.readouterr().out
    assert " law: " in text
    assert "rounded " in text


def test_a_fact_that_decides_is_named_where_it_does() -> None:
    text = explained("be", "3000.00", date(2026, 7, 31), "white_collar", "en", [("children", "2")])
    assert "What is known of the worker: children" in text
    assert "on EUR 3000.00 at 13.07 %" in text


def test_a_question_that_cannot_be_answered_is_refused_with_its_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["be", "3000.00", "--told", "shoe_size=44"]) == 1
    assert "FactUnknown" in capsys.readouterr().err


def test_a_column_remembers_through_arithmetic_choice_and_look_up() -> None:
    gross = Traced.of(np.array([500], dtype=np.int64), frozenset({"gross"}))
    rate = Traced.of(np.array([2], dtype=np.int64), frozenset({"situation.class"}))
    assert made_of(gross * rate) == {"gross", "situation.class"}
    assert made_of(np.where(rate > 1, gross, 0)) == {"gross", "situation.class"}
    assert made_of(pick([7, 8, 9], rate)) == {"situation.class"}
    assert made_of(np.array([1])) == frozenset()
