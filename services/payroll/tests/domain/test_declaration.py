"""What is told to the authority before work begins, and what its answers mean."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from commons.country import load_country
from payroll.domain.declaration import (
    RESULTS,
    TRANSITIONS,
    Anomaly,
    Answer,
    Declaration,
    DeclarationState,
    Hire,
    acknowledge,
    cancel_body,
    decide,
    hire_body,
    mark_sent,
    read_answer,
)
from payroll.domain.errors import DeclarationAnswerMalformed, DeclarationCannotMove
from payroll.domain.law import PayrollLaw

RULE = PayrollLaw(load_country("be")).rule("hire_declaration", date(2026, 7, 1))
DRAFT = Declaration(id=UUID(int=1), contract_id=UUID(int=2))


def test_a_hire_is_declared_with_employer_worker_features_and_dates() -> None:
    hire = Hire("0896755397", "85073003328", "200", date(2026, 7, 1), date(2026, 7, 31))
    assert hire_body(hire, RULE) == {
        "employer": {"enterpriseNumber": "0896755397"},
        "worker": {"ssin": "85073003328"},
        "dimonaIn": {
            "features": {"jointCommissionNumber": "200", "workerType": "OTH"},
            "startDate": "2026-07-01",
            "endDate": "2026-07-31",
        },
    }


def test_the_performing_arts_are_declared_as_xxx() -> None:
    body = hire_body(Hire("0896755397", "85073003328", "304", date(2026, 7, 1), date(2026, 7, 1)), RULE)
    dimona = body["dimonaIn"]
    assert isinstance(dimona, dict)
    assert dimona["features"]["jointCommissionNumber"] == "XXX"


def test_a_declared_period_can_be_taken_back() -> None:
    assert cancel_body("123") == {"dimonaCancel": {"periodId": "123"}}


def test_a_hire_goes_from_draft_to_accepted() -> None:
    sent = mark_sent(DRAFT)
    taken = acknowledge(sent, "ref-1")
    answer = read_answer({"declarationStatus": {"period": {"id": 42}, "result": "A", "anomalies": []}})
    assert answer is not None
    accepted = decide(taken, answer)
    assert accepted.is_accepted
    assert accepted.is_decided
    assert (accepted.reference, accepted.period_id) == ("ref-1", "42")


def test_one_who_waits_for_identification_is_decided_later() -> None:
    taken = acknowledge(mark_sent(DRAFT), "ref-1")
    waiting = decide(taken, Answer(DeclarationState.WAITING, "S", None, ()))
    assert not waiting.is_decided
    assert decide(waiting, Answer(DeclarationState.ACCEPTED_WITH_WARNING, "W", "42", ())).is_accepted


def test_every_answer_heard_again_changes_nothing() -> None:
    sent = mark_sent(DRAFT)
    assert mark_sent(sent) == sent
    taken = acknowledge(sent, "ref-1")
    assert acknowledge(taken, "ref-1") == taken
    refusal = Answer(DeclarationState.REFUSED, "B", None, (Anomaly("00913-355", "déjà annulé"),))
    refused = decide(taken, refusal)
    assert decide(refused, refusal) == refused


def test_a_decided_declaration_does_not_change_its_mind() -> None:
    refused = decide(acknowledge(mark_sent(DRAFT), "ref-1"), Answer(DeclarationState.REFUSED, "B", None, ()))
    with pytest.raises(DeclarationCannotMove):
        decide(refused, Answer(DeclarationState.ACCEPTED, "A", "42", ()))
    with pytest.raises(DeclarationCannotMove):
        mark_sent(refused)


def test_nothing_is_decided_before_the_authority_took_it() -> None:
    with pytest.raises(DeclarationCannotMove):
        decide(mark_sent(DRAFT), Answer(DeclarationState.ACCEPTED, "A", "42", ()))


def test_every_state_has_its_transitions() -> None:
    assert set(TRANSITIONS) == set(DeclarationState)
    assert set(RESULTS.values()) <= TRANSITIONS[DeclarationState.ACKNOWLEDGED]


def test_an_answer_without_a_result_is_not_an_answer_yet() -> None:
    assert read_answer({}) is None
    assert read_answer({"declarationStatus": {"period": {"id": 42}}}) is None


def test_anomalies_are_kept_in_the_authoritys_own_words() -> None:
    answer = read_answer(
        {
            "declarationStatus": {
                "result": "B",
                "anomalies": [
                    {"code": "90017-369", "label": {"fr": "Quota dépassé", "nl": "Quotum overschreden"}}
                ],
            }
        }
    )
    assert answer is not None
    assert answer.anomalies == (Anomaly("90017-369", "Quota dépassé"),)


@pytest.mark.parametrize(
    "document",
    [
        "accepted",
        {"declarationStatus": "A"},
        {"declarationStatus": {"result": "Z"}},
        {"declarationStatus": {"result": "B", "anomalies": "many"}},
        {"declarationStatus": {"result": "B", "anomalies": [{}] * 51}},
    ],
)
def test_an_answer_of_another_form_is_refused(document: object) -> None:
    with pytest.raises(DeclarationAnswerMalformed):
        read_answer(document)
