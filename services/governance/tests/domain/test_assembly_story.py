"""A meeting from its draft to its minutes, and what is refused on the way."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from uuid import UUID

import pikepdf
import pytest

from commons.country import load_country
from governance.documents.labels import LANGUAGES, long_day, words
from governance.documents.minutes import html_minutes, pdf_minutes
from governance.domain import errors
from governance.domain.ballot import Tally
from governance.domain.checks import Check, Outcome, notice_check, record_date_check
from governance.domain.meeting import (
    Meeting,
    MeetingState,
    close_meeting,
    convene,
    freeze_roll,
    mark_minuted,
    open_meeting,
)
from governance.domain.minutes import Minutes, write_minutes
from governance.domain.resolution import (
    Resolution,
    ResolutionState,
    close_ballot,
    decide,
    must_be_open,
    open_ballot,
    propose,
)
from governance.domain.roll import Roll, RollLine, correct_roll
from governance.domain.rule_set import RuleSet, find_rule_set

ENTITY, MEETING_ID = UUID(int=1), UUID(int=2)
CALL, DAY, AFTER = date(2026, 8, 3), date(2026, 8, 20), date(2026, 8, 21)
TEXTS = {
    "fr": "Les comptes annuels sont approuvés.",
    "nl": "De jaarrekening wordt goedgekeurd.",
    "en": "The annual accounts are approved.",
}


def test_a_meeting_goes_from_draft_to_minutes_and_its_state_follows_from_its_days() -> None:
    draft, resolution = a_meeting(), a_resolution()
    convened, [called] = convene(draft, [resolution], rules=rules(), today=CALL)
    frozen = freeze_roll(convened, a_roll(), today=CALL)
    opened = open_meeting(frozen, notice=a_notice(), today=DAY)
    closed = close_meeting(opened, [decided(called)], today=DAY)
    minuted = mark_minuted(closed, today=AFTER)
    states = [one.state for one in (draft, convened, frozen, opened, closed, minuted)]
    assert states == [
        MeetingState.DRAFT,
        MeetingState.CONVENED,
        MeetingState.CONVENED,
        MeetingState.OPENED,
        MeetingState.CLOSED,
        MeetingState.MINUTED,
    ]
    assert (convened.record_date, frozen.roll_size, frozen.roll_hash) == (CALL, 3, a_roll().hash)


def test_a_resolution_is_carried_rejected_or_postponed() -> None:
    resolution = called_resolution()
    assert decided(resolution, Tally(2, 1, 0)).state is ResolutionState.CARRIED
    assert decided(resolution, Tally(1, 1, 1)).state is ResolutionState.REJECTED
    statutes = called_resolution(kind="statutes")
    assert decided(statutes, Tally(1, 0, 0), represented=1).state is ResolutionState.POSTPONED
    assert decided(statutes, Tally(1, 0, 0), represented=1, second_call=True).state is ResolutionState.CARRIED


def test_the_decision_keeps_quorum_and_majority_with_their_citations() -> None:
    decision = decided(called_resolution(kind="statutes"), Tally(3, 0, 0)).decision
    assert decision is not None
    assert [check.name for check in decision.checks] == ["quorum", "majority"]
    assert all("6:85" in check.citation for check in decision.checks)


def test_a_meeting_is_not_convened_late_unless_everybody_is_expected_to_waive() -> None:
    with pytest.raises(errors.NoticeTooShort) as refusal:
        convene(a_meeting(), [a_resolution()], rules=rules(), today=date(2026, 8, 6))
    assert refusal.value.facts["last_day_to_call"] == date(2026, 8, 5)
    late, _ = convene(
        a_meeting(), [a_resolution()], rules=rules(), today=date(2026, 8, 6), expects_waivers=True
    )
    assert late.state is MeetingState.CONVENED


def test_a_meeting_whose_notice_is_short_does_not_open() -> None:
    late = notice_check(
        rules(), sent_on=dict.fromkeys(a_roll().members, date(2026, 8, 10)), meeting_date=DAY, roll=a_roll()
    )
    with pytest.raises(errors.NoticeTooShort):
        open_meeting(a_frozen_meeting(), notice=late, today=DAY)


def test_a_meeting_opens_on_its_day_and_with_a_frozen_roll_only() -> None:
    with pytest.raises(errors.MeetingNotToday):
        open_meeting(a_frozen_meeting(), notice=a_notice(), today=date(2026, 8, 19))
    with pytest.raises(errors.RollNotFrozen):
        open_meeting(a_convened_meeting(), notice=a_notice(), today=DAY)
    with pytest.raises(errors.MeetingNotConvened):
        open_meeting(a_meeting(), notice=a_notice(), today=DAY)


def test_the_agenda_cannot_change_after_the_call() -> None:
    with pytest.raises(errors.AgendaFixed):
        a_resolution(is_convened=True)
    with pytest.raises(errors.MeetingNotDraft):
        convene(a_convened_meeting(), [a_resolution()], rules=rules(), today=CALL)


def test_a_meeting_needs_an_agenda_a_day_to_come_and_every_language() -> None:
    with pytest.raises(errors.AgendaEmpty):
        convene(a_meeting(), [], rules=rules(), today=CALL)
    with pytest.raises(errors.MeetingInThePast):
        convene(a_meeting(), [a_resolution()], rules=rules(), today=DAY)
    with pytest.raises(errors.TranslationMissing) as refusal:
        convene(a_meeting(), [a_resolution(texts={"fr": "Oui ?"})], rules=rules(), today=CALL)
    assert refusal.value.facts["languages"] == ["nl"]
    with pytest.raises(errors.ResolutionKindUnknown):
        convene(a_meeting(), [a_resolution(kind="wish")], rules=rules(), today=CALL)


def test_the_roll_is_frozen_once_not_early_and_is_that_of_the_entity_and_day() -> None:
    convened = a_convened_meeting()
    with pytest.raises(errors.RollOfAnotherDay):
        freeze_roll(convened, replace(a_roll(), day=date(2026, 8, 4)), today=CALL)
    with pytest.raises(errors.RollOfAnotherDay):
        freeze_roll(convened, replace(a_roll(), entity_id=UUID(int=9)), today=CALL)
    with pytest.raises(errors.RollAlreadyFrozen):
        freeze_roll(a_frozen_meeting(), a_roll(), today=CALL)
    with pytest.raises(errors.RecordDateNotReached):
        freeze_roll(replace(convened, record_date=date(2026, 8, 15)), a_roll(), today=CALL)
    with pytest.raises(errors.MeetingNotConvened):
        freeze_roll(a_meeting(), a_roll(), today=CALL)


def test_a_ballot_opens_only_in_an_open_meeting_on_a_called_and_unchanged_text() -> None:
    with pytest.raises(errors.BallotNotOpen):
        open_ballot(called_resolution(), rules=rules(), is_meeting_open=False, today=DAY)
    with pytest.raises(errors.NotOnAgenda):
        open_ballot(a_resolution(), rules=rules(), is_meeting_open=True, today=DAY)
    changed = replace(called_resolution(), texts={**TEXTS, "fr": "Les comptes sont rejetés."})
    with pytest.raises(errors.TextChanged):
        open_ballot(changed, rules=rules(), is_meeting_open=True, today=DAY)


def test_an_election_is_never_held_as_an_open_vote() -> None:
    with pytest.raises(errors.BallotModeNotAvailable):
        open_ballot(called_resolution(kind="election"), rules=rules(), is_meeting_open=True, today=DAY)


def test_votes_are_taken_only_between_the_opening_and_the_closing_of_the_ballot() -> None:
    resolution = called_resolution()
    with pytest.raises(errors.BallotNotOpen):
        must_be_open(resolution)
    opened = open_ballot(resolution, rules=rules(), is_meeting_open=True, today=DAY)
    must_be_open(opened)
    with pytest.raises(errors.BallotAlreadyOpened):
        open_ballot(opened, rules=rules(), is_meeting_open=True, today=DAY)
    with pytest.raises(errors.BallotNotOpen):
        must_be_open(close_ballot(opened, today=DAY))


def test_a_resolution_is_decided_once_and_after_its_ballot() -> None:
    with pytest.raises(errors.BallotNotClosed):
        decide_with(called_resolution(), Tally(1, 0, 0))
    with pytest.raises(errors.ResolutionAlreadyDecided):
        decide_with(decided(called_resolution()), Tally(1, 0, 0))


def test_a_meeting_does_not_close_over_an_undecided_resolution() -> None:
    opened = open_meeting(a_frozen_meeting(), notice=a_notice(), today=DAY)
    with pytest.raises(errors.BallotStillOpen):
        close_meeting(opened, [called_resolution()], today=DAY)
    with pytest.raises(errors.MeetingNotOpen):
        close_meeting(a_frozen_meeting(), [], today=DAY)


@pytest.mark.parametrize("text", ["", "  ", "x" * 20_001, "yes\x00no", "yes\u202eno"])
def test_a_text_that_is_empty_endless_or_hides_signs_is_refused(text: str) -> None:
    with pytest.raises(errors.TextNotAcceptable):
        a_resolution(texts={"fr": text})


def test_a_resolution_names_its_languages_and_has_its_authoritative_text() -> None:
    with pytest.raises(errors.LanguageMalformed):
        a_resolution(texts={"français": "Oui ?", "fr": "Oui ?"})
    with pytest.raises(errors.TranslationMissing):
        a_resolution(texts={"nl": "Ja?"})


def test_minutes_without_what_the_rules_require_are_refused_with_everything_that_is_missing() -> None:
    with pytest.raises(errors.MinutesIncomplete) as refusal:
        the_minutes(chair=" ", checks=[])
    assert refusal.value.facts["missing"] == ["chair", "notice"]


def test_minutes_are_written_after_the_meeting_and_once() -> None:
    with pytest.raises(errors.MeetingNotClosed):
        the_minutes(meeting=a_frozen_meeting())
    with pytest.raises(errors.MeetingNotClosed):
        mark_minuted(a_frozen_meeting(), today=AFTER)


def test_minutes_keep_the_rule_set_the_roll_and_the_counts_and_have_one_hash() -> None:
    minutes = the_minutes()
    assert minutes.rule_set_version == rules().version
    assert minutes.roll_hash == a_roll().hash
    assert (minutes.resolutions[0].for_count, minutes.resolutions[0].outcome) == (2, "carried")
    assert minutes.hash == the_minutes().hash
    assert minutes.hash != the_minutes(chair="Somebody Else").hash


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_roll_notice_quorum_votes_arithmetic_basis_and_decision(language: str) -> None:
    page, word = html_minutes(the_minutes(), language), words(language)
    meeting, call = long_day("2026-08-20", language), long_day("2026-08-03", language)
    shown = [a_roll().hash, f"{meeting} − {call} = 17 ≥ 15", "3/3 ≥ 0", "2/3 &gt; 1/2", "6:70"]
    shown += [word["outcome.carried"], word["check.quorum"], word["abstain"], TEXTS[language]]
    for text in shown:
        assert text in page, text
    assert f'<html lang="{language}">' in page


def test_the_page_is_well_formed_and_escapes_what_people_wrote() -> None:
    page = html_minutes(the_minutes(chair='<script>alert("x")</script>'), "fr")
    assert "<script" not in page
    parser = Nesting()
    parser.feed(page)
    assert parser.open_tags == []
    assert parser.headings == sorted(parser.headings, key=lambda level: level > 1)
    assert parser.headings[0] == 1


def test_a_text_that_is_not_there_in_the_language_of_the_minutes_is_shown_in_its_own() -> None:
    minutes = the_minutes(texts={"fr": TEXTS["fr"], "nl": TEXTS["nl"]})
    assert f'<p class="text" lang="fr">{TEXTS["fr"]}</p>' in html_minutes(minutes, "en")
    assert '<html lang="en">' in html_minutes(minutes, "hu")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_is_tagged_titled_and_the_same_every_time(language: str) -> None:
    document = pdf_minutes(the_minutes(), language)
    assert document == pdf_minutes(the_minutes(), language)
    with pikepdf.open(BytesIO(document)) as pdf:
        assert pdf.Root.Lang == language
        assert "/StructTreeRoot" in pdf.Root
        assert "Coopérative" in str(pdf.docinfo["/Title"])


def test_signs_of_the_typesetter_in_a_name_stay_signs() -> None:
    hostile = 'Ada #panic() *x* $y$ "]'
    assert pdf_minutes(the_minutes(chair=hostile), "fr")


def test_every_word_is_there_in_every_language_and_every_outcome_has_one() -> None:
    for language in LANGUAGES:
        assert all(words(language).values())
        assert all(f"outcome.{outcome.value}" in words(language) for outcome in Outcome)


class Nesting(HTMLParser):
    """Follows which tags are open, and the levels of headings."""

    def __init__(self) -> None:
        super().__init__()
        self.open_tags: list[str] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in ("meta", "br"):
            self.open_tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag


def rules() -> RuleSet:
    section = load_country("be").section("governance")
    return find_rule_set(section, legal_form="SC agréée ES", meeting_kind="ordinary", day=CALL)


def a_roll() -> Roll:
    return Roll(ENTITY, CALL, tuple(RollLine(UUID(int=n), "A", 1) for n in (11, 12, 13)))


def a_notice() -> Check:
    sent = dict.fromkeys(a_roll().members, CALL)
    return notice_check(rules(), sent_on=sent, meeting_date=DAY, roll=a_roll())


def a_meeting() -> Meeting:
    return Meeting(MEETING_ID, ENTITY, "ordinary", DAY, "Maison du Peuple, Bruxelles")


def a_convened_meeting() -> Meeting:
    return convene(a_meeting(), [a_resolution()], rules=rules(), today=CALL)[0]


def a_frozen_meeting() -> Meeting:
    return freeze_roll(a_convened_meeting(), a_roll(), today=CALL)


def a_resolution(
    kind: str = "ordinary", texts: dict[str, str] | None = None, is_convened: bool = False
) -> Resolution:
    return propose(
        id=UUID(int=5),
        meeting_id=MEETING_ID,
        number=1,
        kind=kind,
        texts=TEXTS if texts is None else texts,
        authoritative_language="fr",
        is_convened=is_convened,
    )


def called_resolution(kind: str = "ordinary", texts: dict[str, str] | None = None) -> Resolution:
    _, [resolution] = convene(a_meeting(), [a_resolution(kind, texts)], rules=rules(), today=CALL)
    return resolution


def decide_with(
    resolution: Resolution, tally: Tally, represented: int = 3, second_call: bool = False
) -> Resolution:
    return decide(
        resolution,
        rules=rules(),
        tally=tally,
        represented=represented,
        members=3,
        second_call=second_call,
        today=DAY,
    )


def decided(
    resolution: Resolution, tally: Tally = Tally(2, 1, 0), represented: int = 3, second_call: bool = False
) -> Resolution:
    opened = open_ballot(resolution, rules=rules(), is_meeting_open=True, today=DAY)
    return decide_with(close_ballot(opened, today=DAY), tally, represented, second_call)


def the_minutes(
    *,
    chair: str = "Ada Peeters",
    meeting: Meeting | None = None,
    checks: list[Check] | None = None,
    texts: dict[str, str] | None = None,
) -> Minutes:
    resolution = decided(called_resolution(texts=texts))
    if meeting is None:
        opened = open_meeting(a_frozen_meeting(), notice=a_notice(), today=DAY)
        meeting = close_meeting(opened, [resolution], today=DAY)
    record = record_date_check(rules(), convened_on=CALL, meeting_date=DAY, roll=a_roll())
    _, correction = correct_roll(
        a_roll(), removed=[UUID(int=11)], reason="left before the call", signed_by=("Ada", "Bob")
    )
    return write_minutes(
        meeting,
        [resolution],
        entity_name="Coopérative d’essai",
        chair=chair,
        secretary="Bob Claes",
        present=2,
        by_proxy=1,
        meeting_checks=[a_notice(), record] if checks is None else checks,
        corrections=[correction],
        remarks=["The meeting began at ten."],
        today=AFTER,
    )
