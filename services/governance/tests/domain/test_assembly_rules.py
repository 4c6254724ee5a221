"""The checks of the law: notice, roll, votes, proxies, quorum, majority, each with its arithmetic."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from commons.country import Section, countries_folder, load_country
from governance.domain import errors
from governance.domain.ballot import (
    Choice,
    Proxy,
    Tally,
    Vote,
    cast_vote,
    count,
    give_proxy,
    represented,
    revoke_proxy,
)
from governance.domain.checks import (
    Outcome,
    double_majority_check,
    majority_check,
    notice_check,
    one_vote_check,
    proxies_check,
    quorum_check,
    record_date_check,
    text_check,
    text_hash,
)
from governance.domain.composition import seats_reserved
from governance.domain.roll import Roll, RollLine, Standing, correct_roll, make_roll
from governance.domain.rule_set import (
    BallotMode,
    Base,
    Cited,
    Majority,
    Quorum,
    RecordDate,
    RecordDateRule,
    RuleSet,
    find_rule_set,
)

ENTITY = UUID(int=1)
ONE, TWO, THREE, FOUR, STRANGER = (UUID(int=n) for n in (11, 12, 13, 14, 99))
CALL, MEETING = date(2026, 8, 3), date(2026, 8, 20)


def cases_in(name: str) -> list[dict[str, Any]]:
    text = (countries_folder() / "be" / "cases" / name).read_text(encoding="utf-8")
    return list(yaml.safe_load(text)["cases"])


# --- rules as data -----------------------------------------------------------------------------------------


def test_the_belgian_ordinary_meeting_has_the_rules_that_the_law_and_the_statutes_give() -> None:
    found = rules()
    assert found.notice_days.value == 15
    assert found.votes_per_member.value == 1
    assert found.rule_for("ordinary").majority.value == Majority(
        Base.CAST_WITHOUT_ABSTENTIONS, Fraction(1, 2), True
    )
    assert found.rule_for("statutes").majority.value.threshold == Fraction(3, 4)
    assert found.rule_for("statutes").quorum.value == Quorum(Fraction(1, 2), Fraction(0))
    assert found.rule_for("object").majority.value.threshold == Fraction(4, 5)
    assert found.rule_for("election").ballot_mode.value is BallotMode.VERIFIABLE


def test_every_rule_says_where_it_stands_and_whether_it_is_an_invention() -> None:
    found = rules()
    assert "6:70" in found.notice_days.citation
    assert not found.notice_days.invented
    assert found.proxies_per_holder.invented
    assert found.record_date.invented


@pytest.mark.parametrize("legal_form", ["SC agréée ES", "sces agréée", "CV", " SCESA "])
def test_the_rules_are_found_by_any_of_the_names_of_the_legal_form(legal_form: str) -> None:
    assert (
        find_rule_set(section(), legal_form=legal_form, meeting_kind="ordinary", day=CALL).code
        == "be_sc_ordinary"
    )


def test_there_are_no_rules_for_another_form_another_kind_or_a_day_before_the_code() -> None:
    for form, kind, day in (
        ("ASBL", "ordinary", CALL),
        ("SC", "picnic", CALL),
        ("SC", "ordinary", date(2018, 1, 1)),
    ):
        with pytest.raises(errors.NoRuleSet):
            find_rule_set(section(), legal_form=form, meeting_kind=kind, day=day)


def test_a_meeting_can_keep_its_rules_and_read_them_again_unchanged() -> None:
    stored = json.loads(json.dumps(rules().to_record()))
    assert RuleSet.from_record(stored) == rules()
    assert RuleSet.from_record(stored).version == rules().version


def test_any_change_of_a_rule_changes_the_version() -> None:
    changed = replace(rules(), notice_days=replace(rules().notice_days, value=14))
    assert changed.version != rules().version


def test_a_kind_of_resolution_that_the_rules_do_not_know_is_refused() -> None:
    with pytest.raises(errors.ResolutionKindUnknown):
        rules().rule_for("wish")


@pytest.mark.parametrize(
    ("rule", "days", "expected"),
    [
        (RecordDateRule.DAY_OF_CALL, 0, CALL),
        (RecordDateRule.DAYS_BEFORE_MEETING, 5, date(2026, 8, 15)),
        (RecordDateRule.MEETING_DAY, 0, MEETING),
    ],
)
def test_the_record_date_follows_from_the_rule_that_the_data_names(
    rule: RecordDateRule, days: int, expected: date
) -> None:
    changed = replace(rules(), record_date=Cited(RecordDate(rule, days), "", False))
    assert changed.record_date_for(convened_on=CALL, meeting_date=MEETING) == expected


# --- notice ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases_in("governance-notice.yaml"), ids=lambda case: str(case["name"]))
def test_the_notice_of_the_example_is_counted_as_the_example_says(case: dict[str, Any]) -> None:
    sent = dict.fromkeys((ONE, TWO, THREE), case["sent"])
    check = notice_check(rules(), sent_on=sent, meeting_date=case["meeting"], roll=a_roll())
    assert check.passed is case["passed"]
    assert f"= {case['days']} " in check.formula
    assert check.inputs["last_day_to_call"] == case["last_day"].isoformat()


def test_one_member_called_late_or_never_makes_the_notice_too_short() -> None:
    late = notice_check(
        rules(), sent_on={ONE: CALL, TWO: CALL, THREE: date(2026, 8, 6)}, meeting_date=MEETING, roll=a_roll()
    )
    never = notice_check(rules(), sent_on={ONE: CALL, TWO: CALL}, meeting_date=MEETING, roll=a_roll())
    assert (late.passed, late.outcome) == (False, Outcome.TOO_SHORT)
    assert (never.passed, never.inputs["notices_missing"]) == (False, "1")


def test_a_notice_that_every_late_member_waives_is_good() -> None:
    sent = {ONE: CALL, TWO: CALL, THREE: date(2026, 8, 19)}
    check = notice_check(rules(), sent_on=sent, meeting_date=MEETING, roll=a_roll(), waived=[THREE])
    assert (check.passed, check.outcome) == (True, Outcome.SUFFICIENT)
    everybody = notice_check(
        rules(), sent_on={}, meeting_date=MEETING, roll=a_roll(), waived=[ONE, TWO, THREE]
    )
    assert (everybody.passed, everybody.outcome) == (True, Outcome.WAIVED)


# --- roll --------------------------------------------------------------------------------------------------


def test_the_roll_holds_every_member_with_a_paid_share_on_the_day_once_and_in_order() -> None:
    standings = [
        Standing(THREE, "A", date(2026, 8, 3)),
        Standing(ONE, "A", date(2026, 6, 5)),
        Standing(TWO, "B", date(2026, 8, 4)),
        Standing(FOUR, "A", date(2020, 1, 1), left_on=date(2026, 8, 3)),
    ]
    roll = make_roll(standings, entity_id=ENTITY, day=CALL, votes_per_member=1)
    assert [line.member_id for line in roll.lines] == [ONE, THREE]


def test_the_hash_of_the_roll_is_that_of_the_worked_example() -> None:
    [case] = cases_in("governance-roll.yaml")
    standings = [
        Standing(UUID(line["member"]), line["category"], case["day"]) for line in reversed(case["lines"])
    ]
    roll = make_roll(standings, entity_id=UUID(case["entity"]), day=case["day"], votes_per_member=1)
    assert roll.hash == case["expected"]["hash"]


def test_a_frozen_roll_is_corrected_with_a_reason_and_two_signatures_and_keeps_both_hashes() -> None:
    roll = a_roll()
    corrected, record = correct_roll(
        roll,
        added=[RollLine(FOUR, "A", 1)],
        removed=[ONE],
        reason="paid on the record date, booked later",
        signed_by=("Chair", "Secretary"),
    )
    assert corrected.members == {TWO, THREE, FOUR}
    assert (record.hash_before, record.hash_after) == (roll.hash, corrected.hash)


@pytest.mark.parametrize(
    ("reason", "signed_by"), [("why", ("Ada", "ada ")), ("why", ("Ada", "")), (" ", ("Ada", "Bob"))]
)
def test_a_correction_without_reason_or_second_person_is_refused(
    reason: str, signed_by: tuple[str, str]
) -> None:
    with pytest.raises(errors.CorrectionNeedsTwoSignatures):
        correct_roll(a_roll(), removed=[ONE], reason=reason, signed_by=signed_by)


def test_a_roll_of_another_day_than_the_record_date_is_seen() -> None:
    good = record_date_check(rules(), convened_on=CALL, meeting_date=MEETING, roll=a_roll())
    bad = record_date_check(rules(), convened_on=date(2026, 8, 1), meeting_date=MEETING, roll=a_roll())
    assert (good.passed, bad.passed) == (True, False)
    assert good.inputs["roll_hash"] == a_roll().hash


# --- votes and proxies -------------------------------------------------------------------------------------


def test_a_member_votes_once_and_only_if_on_the_roll() -> None:
    vote = cast(ONE)
    assert vote == Vote(ONE, Choice.FOR, ONE)
    with pytest.raises(errors.AlreadyVoted):
        cast(ONE, voted=[ONE])
    with pytest.raises(errors.NotOnRoll):
        cast(STRANGER)


def test_the_holder_of_a_proxy_votes_for_the_giver_and_nobody_else_does() -> None:
    proxy = Proxy(TWO, ONE, CALL)
    assert cast(TWO, by=ONE, proxies=[proxy]).cast_by == ONE
    with pytest.raises(errors.NoProxyFromMember):
        cast(TWO, by=THREE, proxies=[proxy])
    with pytest.raises(errors.NoProxyFromMember):
        cast(TWO, by=ONE, proxies=[revoke_proxy(proxy, today=MEETING)])


def test_a_member_who_gave_a_proxy_and_comes_after_all_votes_in_person() -> None:
    assert cast(TWO, proxies=[Proxy(TWO, ONE, CALL)]).cast_by == TWO


def test_proxies_are_not_given_to_oneself_chained_doubled_given_after_the_vote_or_to_strangers() -> None:
    assert proxy_from(ONE, TWO).holder_id == TWO
    with pytest.raises(errors.ProxyToOneself):
        proxy_from(ONE, ONE)
    with pytest.raises(errors.NotOnRoll):
        proxy_from(ONE, STRANGER)
    with pytest.raises(errors.ProxyAlreadyGiven):
        proxy_from(ONE, THREE, given=[Proxy(ONE, TWO, CALL)])
    with pytest.raises(errors.ProxyChained):
        proxy_from(TWO, THREE, given=[Proxy(ONE, TWO, CALL)])
    with pytest.raises(errors.ProxyChained):
        proxy_from(THREE, ONE, given=[Proxy(ONE, TWO, CALL)])
    with pytest.raises(errors.ProxyAfterVote):
        proxy_from(ONE, TWO, voted=[ONE])


def test_a_holder_has_no_more_proxies_than_the_rules_allow() -> None:
    held = [Proxy(ONE, THREE, CALL), Proxy(TWO, THREE, CALL)]
    with pytest.raises(errors.TooManyProxies):
        proxy_from(FOUR, THREE, given=held, maximum=2)
    freed = [revoke_proxy(held[0], today=MEETING), held[1]]
    assert proxy_from(FOUR, THREE, given=freed, maximum=2)


def test_the_check_of_proxies_finds_a_holder_with_too_many() -> None:
    proxies = [Proxy(UUID(int=n), ONE, CALL) for n in (20, 21, 22, 23)]
    roll = Roll(ENTITY, CALL, tuple(RollLine(UUID(int=n), "A", 1) for n in (11, 20, 21, 22, 23)))
    assert proxies_check(rules(), proxies=proxies[:3], roll=roll).passed
    assert not proxies_check(rules(), proxies=proxies, roll=roll).passed
    assert not proxies_check(rules(), proxies=[Proxy(STRANGER, ONE, CALL)], roll=roll).passed


def test_one_member_one_vote_is_checked_over_all_votes() -> None:
    assert one_vote_check(rules(), voters=[ONE, TWO], roll=a_roll()).passed
    assert not one_vote_check(rules(), voters=[ONE, ONE], roll=a_roll()).passed
    assert not one_vote_check(rules(), voters=[STRANGER], roll=a_roll()).passed


def test_members_count_for_the_quorum_once_whether_present_represented_or_early() -> None:
    proxies = [Proxy(TWO, ONE, CALL), Proxy(THREE, STRANGER, CALL)]
    assert represented(present=[ONE, STRANGER], proxies=proxies, voted=[ONE], roll=a_roll()) == {
        ONE,
        TWO,
        THREE,
    }
    assert represented(present=[ONE], proxies=proxies, voted=[], roll=a_roll()) == {ONE, TWO}
    assert represented(present=[], proxies=proxies, voted=[THREE], roll=a_roll()) == {THREE}


@given(
    st.permutations(
        [(ONE, Choice.FOR), (TWO, Choice.AGAINST), (THREE, Choice.ABSTAIN), (STRANGER, Choice.FOR)] * 2
    )
)
def test_votes_in_any_order_with_repeats_and_strangers_give_the_same_count(
    tries: list[tuple[UUID, Choice]],
) -> None:
    votes: list[Vote] = []
    for member, choice in tries:
        try:
            votes.append(cast(member, choice=choice, voted=[vote.member_id for vote in votes]))
        except errors.VoteRefusal:
            continue
    assert count(votes) == Tally(1, 1, 1)


# --- quorum and majority -----------------------------------------------------------------------------------


def test_half_of_the_members_is_a_quorum_of_one_half_and_one_fewer_is_not() -> None:
    quorum = rules().rule_for("statutes").quorum
    assert quorum_check(quorum, represented=50, members=100).passed
    short = quorum_check(quorum, represented=50, members=101)
    assert (short.passed, short.formula) == (False, "50/101 < 1/2")


def test_a_second_call_needs_no_quorum() -> None:
    quorum = rules().rule_for("statutes").quorum
    assert quorum_check(quorum, represented=3, members=101, second_call=True).passed


def test_without_a_quorum_rule_anybody_present_is_enough() -> None:
    assert quorum_check(rules().rule_for("ordinary").quorum, represented=738, members=22890).passed


@pytest.mark.parametrize("case", cases_in("governance-majority.yaml"), ids=lambda case: str(case["name"]))
def test_the_votes_of_the_example_decide_as_the_example_says(case: dict[str, Any]) -> None:
    tally = Tally(case["for"], case["against"], case["abstain"])
    check = majority_check(rules().rule_for(case["kind"]).majority, tally)
    assert check.outcome.value == case["result"]
    assert check.formula.startswith(f"{case['share']} ")


@pytest.mark.parametrize(
    ("tally", "majority", "formula", "carried"),
    [
        ((68, 6, 26), Majority(Base.CAST_WITHOUT_ABSTENTIONS, Fraction(1, 2), True), "68/74 > 1/2", True),
        ((68, 6, 26), Majority(Base.PRESENT_VOTES, Fraction(3, 4), False), "68/100 < 3/4", False),
        ((70, 0, 0), Majority(Base.CAST_WITHOUT_ABSTENTIONS, Fraction(3, 4), False), "70/70 ≥ 3/4", True),
        ((75, 25, 0), Majority(Base.CAST_WITHOUT_ABSTENTIONS, Fraction(3, 4), False), "75/100 ≥ 3/4", True),
        ((50, 50, 10), Majority(Base.CAST_WITHOUT_ABSTENTIONS, Fraction(1, 2), True), "50/100 ≤ 1/2", False),
        ((41, 20, 5), Majority(Base.VALID_VOTES, Fraction(2, 3), False), "41/61 ≥ 2/3", True),
    ],
)
def test_a_majority_is_an_exact_fraction_of_the_base_that_the_rule_names(
    tally: tuple[int, int, int], majority: Majority, formula: str, carried: bool
) -> None:
    check = majority_check(Cited(majority, "vector", False), Tally(*tally))
    assert (check.formula, check.passed) == (formula, carried)


def test_two_classes_must_both_carry() -> None:
    majority = rules().rule_for("statutes").majority
    check = double_majority_check(majority, {"A": Tally(10, 3, 0), "B and C": Tally(60, 21, 0)})
    assert not check.passed
    assert check.formula == "A: 10/13 ≥ 3/4; B and C: 60/81 < 3/4"
    assert double_majority_check(majority, {"A": Tally(10, 3, 0), "B and C": Tally(61, 20, 0)}).passed


def test_a_tie_goes_to_the_chair_only_where_the_rule_says_so() -> None:
    with_chair = Cited(Majority(Base.CAST_WITHOUT_ABSTENTIONS, Fraction(1, 2), True, "chair"), "", False)
    without = rules().rule_for("ordinary").majority
    assert majority_check(with_chair, Tally(5, 5, 0), chair=Choice.FOR).passed
    assert not majority_check(with_chair, Tally(5, 5, 0), chair=Choice.AGAINST).passed
    assert not majority_check(with_chair, Tally(4, 5, 0), chair=Choice.FOR).passed
    assert not majority_check(without, Tally(5, 5, 0), chair=Choice.FOR).passed


@given(st.integers(0, 40_000), st.integers(0, 40_000), st.integers(0, 40_000))
def test_abstentions_never_change_a_decision_over_the_votes_cast(yes: int, no: int, abstain: int) -> None:
    majority = rules().rule_for("ordinary").majority
    assert majority_check(majority, Tally(yes, no, abstain)).passed == (yes > no)


def test_the_results_that_the_cooperative_published_come_out_as_published() -> None:
    path = Path(os.environ.get("PARTAGE_FIXTURES", countries_folder().parents[2] / "shared" / "fixtures"))
    path = path / "governance" / "facts" / "agm_results.json"
    if not path.is_file():
        pytest.skip("not run: the fixtures of published meetings are not here")
    majority = rules().rule_for("ordinary").majority
    resolutions = [
        resolution
        for meeting in json.loads(path.read_text(encoding="utf-8"), parse_float=str)["meetings"]
        for resolution in meeting.get("resolutions", [])
    ]
    assert len(resolutions) >= 17
    for resolution in resolutions:
        votes = (hundredths(resolution.get(f"{side}_pct", 0)) for side in ("for", "against", "abstain"))
        assert majority_check(majority, Tally(*votes)).passed


def test_a_change_of_one_letter_in_one_language_changes_the_text() -> None:
    texts = {"fr": "Les comptes sont approuvés.", "nl": "De rekeningen worden goedgekeurd."}
    called = text_hash(texts)
    assert text_check(dict(reversed(texts.items())), called).passed
    assert text_check({**texts, "nl": "De rekeningen worden afgekeurd."}, called).outcome is Outcome.CHANGED
    assert text_hash({"fr": "ab", "nl": "c"}) != text_hash({"fr": "a", "nl": "bc"})


@pytest.mark.parametrize(("seats", "expected"), [(7, 2), (8, 3), (10, 3), (11, 4)])
def test_a_third_of_the_board_is_rounded_to_the_nearest_number(seats: int, expected: int) -> None:
    assert seats_reserved(seats, Fraction(1, 3), "nearest") == expected


def test_forty_percent_of_fifteen_seats_are_six_of_each_sex() -> None:
    rule = section()["board_composition"].on(CALL)
    seats = rule["seats"]
    assert isinstance(seats, int)
    assert seats_reserved(seats, Fraction(str(rule["share_of_each_sex"])), str(rule["rounding"])) == 6


def test_every_refusal_of_the_assembly_has_a_sentence_of_its_own() -> None:
    refusals = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.GovernanceRefusal)
    ]
    sentences = [str(one.__doc__) for one in refusals]
    assert len(set(sentences)) == len(sentences)
    assert all(one.__name__ in str(errors.__doc__) for one in refusals)


def section() -> Section:
    return load_country("be").section("governance")


def rules() -> RuleSet:
    return find_rule_set(section(), legal_form="SC agréée ES", meeting_kind="ordinary", day=CALL)


def a_roll() -> Roll:
    return Roll(ENTITY, CALL, tuple(RollLine(member, "A", 1) for member in (ONE, TWO, THREE)))


def cast(
    member: UUID,
    *,
    by: UUID | None = None,
    choice: Choice = Choice.FOR,
    voted: list[UUID] | None = None,
    proxies: list[Proxy] | None = None,
) -> Vote:
    return cast_vote(
        member_id=member,
        choice=choice,
        cast_by=by or member,
        roll=a_roll(),
        voted=voted or [],
        proxies=proxies or [],
    )


def proxy_from(
    giver: UUID,
    holder: UUID,
    *,
    given: list[Proxy] | None = None,
    voted: list[UUID] | None = None,
    maximum: int = 3,
) -> Proxy:
    roll = Roll(ENTITY, CALL, tuple(RollLine(member, "A", 1) for member in (ONE, TWO, THREE, FOUR)))
    return give_proxy(
        giver_id=giver,
        holder_id=holder,
        today=CALL,
        roll=roll,
        given=given or [],
        voted=voted or [],
        per_holder_max=maximum,
    )


def hundredths(percent: str | int) -> int:
    share = Fraction(percent) * 100
    assert share.denominator == 1
    return int(share)
