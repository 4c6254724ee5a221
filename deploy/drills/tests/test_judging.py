"""The judge of a restoration finds what is lost, doubled, changed or nobody's, and nothing else."""

from __future__ import annotations

from deploy.drills.judging import (
    Findings,
    Hour,
    Phase,
    Transfer,
    hours_that_differ,
    table_of,
    verdict,
    wages_at_the_bank,
)

WAGE, OTHER = "0" * 31 + "1", "0" * 31 + "2"


def test_wages_that_were_paid_once_each_are_no_finding_whichever_attempt_it_was() -> None:
    transfers = [Transfer(WAGE, 1_000), Transfer(f"{OTHER}-2", 2_000)]

    assert list(wages_at_the_bank({WAGE: 1_000, OTHER: 2_000}, transfers)) == []


def test_a_wage_that_was_never_paid_is_found() -> None:
    assert list(wages_at_the_bank({WAGE: 1_000}, [])) == [f"the wage {WAGE} of 1000 was never paid"]


def test_a_wage_that_was_paid_twice_is_found_also_where_it_has_another_attempts_number() -> None:
    twice = [f"the wage {WAGE} of 1000 was paid 2 times"]

    assert list(wages_at_the_bank({WAGE: 1_000}, [Transfer(WAGE, 1_000)] * 2)) == twice
    both = [Transfer(WAGE, 1_000), Transfer(f"{WAGE}-2", 1_000)]
    assert list(wages_at_the_bank({WAGE: 1_000}, both)) == twice


def test_a_wage_of_another_amount_is_found() -> None:
    found = list(wages_at_the_bank({WAGE: 1_000}, [Transfer(WAGE, 999)]))

    assert found == [f"the wage {WAGE} is 1000 and 999 was paid"]


def test_a_transfer_that_pays_no_wage_is_found() -> None:
    found = list(wages_at_the_bank({}, [Transfer(WAGE, 1_000)]))

    assert found == [f"the bank paid {WAGE}, which is no wage"]


def test_a_reader_that_has_other_events_than_were_published_is_found_although_it_has_as_many() -> None:
    published = {"be.payroll.v1": Hour(2, "0110")}
    same, other = Hour(2, "0110"), Hour(2, "0111")

    assert list(hours_that_differ(published, {("guarantee", "be.payroll.v1"): same})) == []
    [found] = hours_that_differ(published, {("guarantee", "be.payroll.v1"): other})
    assert "guarantee has 2, or other ones" in found


def test_the_verdict_counts_what_was_found_by_its_kind() -> None:
    wrong = ["[bank] one", "[bank] two", "[left] three"]

    assert verdict(Findings()) == "VERDICT: nothing lost, nothing twice."
    assert verdict(Findings(wrong=wrong)) == "VERDICT: 3 findings (2 bank, 1 left)."


def test_the_table_has_a_line_a_phase() -> None:
    assert table_of([Phase("lost", 1.0), Phase("restored", 61.5, "promoted")]).splitlines() == [
        "lost         1.0 s",
        "restored    61.5 s  promoted",
    ]
