"""Joining: a checked person, an open door, a share that is promised."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.country import load_country
from commons.money import Money
from members.domain import errors
from members.domain.application import MembershipApplication, admit, apply, refuse
from members.domain.person import NAME_LENGTH_MAX, Person, age_on, check_email, check_name, check_person
from members.domain.rules import MembershipRules, membership_rules
from members.domain.subscription import ShareSubscription, cancel, mark_paid, subscribe

TODAY = date(2026, 6, 5)


def test_a_persons_details_are_kept_as_typed_but_with_single_blanks_and_a_lower_case_domain() -> None:
    person = a_person(given_name="  Maria   José ", email="Maria.J@Example.ORG")
    assert person.full_name == "Maria José Peeters"
    assert person.email == "Maria.J@example.org"


@pytest.mark.parametrize(
    "name", ["Ana\u202eadnA", "A\u200bda", "Ada\n", "A\x00da", "\u2066Ada\u2069", "A\u2028da"]
)
def test_a_name_with_invisible_or_control_characters_is_refused(name: str) -> None:
    with pytest.raises(errors.NameHasForbiddenCharacters) as refusal:
        a_person(family_name=name)
    assert refusal.value.path == ("familyName",)


@pytest.mark.parametrize("name", ["", "   ", "--", "123"])
def test_a_name_needs_a_letter(name: str) -> None:
    with pytest.raises(errors.NameMissing):
        a_person(given_name=name)


def test_a_name_longer_than_the_register_holds_is_refused() -> None:
    assert check_name("x" * NAME_LENGTH_MAX, "givenName") == "x" * NAME_LENGTH_MAX
    with pytest.raises(errors.NameTooLong):
        check_name("x" * (NAME_LENGTH_MAX + 1), "givenName")


@given(st.text())
def test_a_checked_name_passes_the_check_again_unchanged(text: str) -> None:
    try:
        name = check_name(text, "givenName")
    except errors.PersonNotAccepted:
        return
    assert check_name(name, "givenName") == name


@pytest.mark.parametrize("email", ["ada@example.org", "a.b+c@mail.example.co", "o'neil@xn--caf-dma.fr"])
def test_an_ordinary_address_is_accepted(email: str) -> None:
    assert check_email(email) == email


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@example",
        "a..b@example.org",
        ".a@example.org",
        "a@b@example.org",
        "ada@example.org\nBcc: x@y.org",
        "a b@example.org",
        "ada@-example.org",
        "x" * 65 + "@example.org",
        "a@" + "b" * 250 + ".org",
        "ada@exam\u202eple.org",
        "ada@127.0.0.1",
    ],
)
def test_what_is_not_an_address_is_refused(email: str) -> None:
    with pytest.raises(errors.MalformedEmail):
        check_email(email)


def test_the_cooperative_writes_only_in_the_languages_of_the_country() -> None:
    with pytest.raises(errors.LanguageNotServed):
        a_person(language="xx")


def test_one_becomes_of_age_on_the_birthday_and_a_leap_day_child_on_the_first_of_march() -> None:
    assert a_person(birth_date=date(2008, 6, 5))
    with pytest.raises(errors.NotOfAge):
        a_person(birth_date=date(2008, 6, 6))
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18


@pytest.mark.parametrize("birth_date", [date(2026, 6, 6), date(1890, 1, 1)])
def test_nobody_is_born_in_the_future_or_in_a_past_century(birth_date: date) -> None:
    with pytest.raises(errors.BirthDateImplausible):
        a_person(birth_date=birth_date)


def test_who_applies_is_admitted_without_waiting_for_anybody() -> None:
    admitted = admit(an_application(), member_id=UUID(int=7), today=TODAY)
    assert admitted.member_id == UUID(int=7)
    assert admitted.admitted_on == TODAY


def test_a_category_that_the_statutes_do_not_have_is_refused() -> None:
    with pytest.raises(errors.CategoryUnknown):
        an_application(category="Z")


def test_an_application_is_refused_only_for_a_reason_that_the_data_names_and_the_motive_is_kept() -> None:
    refused = refuse(an_application(), reason="regulated_profession", today=TODAY, rules=rules())
    assert refused.refusal_motive
    assert "regulated profession" in refused.refusal_motive
    with pytest.raises(errors.RefusalReasonUnknown):
        refuse(an_application(), reason="we do not like them", today=TODAY, rules=rules())


def test_an_application_is_decided_once() -> None:
    admitted = admit(an_application(), member_id=UUID(int=7), today=TODAY)
    with pytest.raises(errors.ApplicationAlreadyDecided):
        refuse(admitted, reason="regulated_profession", today=TODAY, rules=rules())
    with pytest.raises(errors.ApplicationAlreadyDecided):
        admit(admitted, member_id=UUID(int=8), today=TODAY)


def test_a_share_costs_thirty_euro_and_is_payable_within_ten_days() -> None:
    subscription = a_subscription(quantity=3)
    assert subscription.amount == Money.of("90.00", "EUR")
    assert subscription.pay_by == date(2026, 6, 15)
    assert subscription.year == 2026


@pytest.mark.parametrize("quantity", [-1, 0, 101])
def test_a_number_of_shares_outside_the_limits_is_refused(quantity: int) -> None:
    with pytest.raises(errors.ShareQuantityOutOfRange):
        a_subscription(quantity=quantity)


def test_a_subscription_without_a_reference_could_never_be_matched() -> None:
    with pytest.raises(errors.ReferenceMissing):
        a_subscription(reference="+++///+++")


def test_a_subscription_is_paid_or_cancelled_once() -> None:
    paid = mark_paid(a_subscription(), paid_on=TODAY)
    with pytest.raises(errors.SubscriptionAlreadyPaid):
        mark_paid(paid, paid_on=TODAY)
    with pytest.raises(errors.SubscriptionAlreadyPaid):
        cancel(paid, today=TODAY)
    with pytest.raises(errors.SubscriptionCancelled):
        mark_paid(cancel(a_subscription(), today=TODAY), paid_on=TODAY)


def test_every_refusal_has_a_sentence_of_its_own() -> None:
    refusals = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.MembersRefusal)
    ]
    sentences = [str(one.__doc__) for one in refusals]
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.endswith(".") for sentence in sentences)
    assert all(one.__name__ in str(errors.__doc__) for one in refusals)


def rules() -> MembershipRules:
    return membership_rules(load_country("be").section("membership"), TODAY)


def a_person(
    given_name: str = "Ada",
    family_name: str = "Peeters",
    email: str = "ada@example.org",
    language: str = "fr",
    birth_date: date = date(1990, 5, 17),
) -> Person:
    return check_person(
        given_name=given_name,
        family_name=family_name,
        email=email,
        language=language,
        birth_date=birth_date,
        today=TODAY,
        languages=load_country("be").languages,
        minimum_age_years=rules().minimum_age_years,
    )


def an_application(category: str = "A") -> MembershipApplication:
    return apply(
        id=UUID(int=1),
        entity_id=UUID(int=2),
        person=a_person(),
        category=category,
        today=TODAY,
        rules=rules(),
    )


def a_subscription(quantity: int = 1, reference: str = "000000000101") -> ShareSubscription:
    return subscribe(
        id=UUID(int=3),
        member_id=UUID(int=7),
        entity_id=UUID(int=2),
        category="A",
        quantity=quantity,
        reference=reference,
        today=TODAY,
        rules=rules(),
    )
