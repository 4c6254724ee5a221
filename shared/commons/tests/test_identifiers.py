from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.global_id import MalformedId, WrongCountry, WrongType, decode, decode_as, encode
from commons.identifiers import (
    MalformedIban,
    MalformedNationalNumber,
    MalformedStructuredCommunication,
    MalformedVatNumber,
    iban,
    national_number,
    read_structured_communication,
    show_structured_communication,
    structured_communication,
    vat_number,
)

KEY = UUID("0190f3a0-0000-7000-8000-000000000001")


@given(st.integers(0, 10**10 - 1))
def test_a_structured_communication_is_read_back_as_it_was_shown(number: int) -> None:
    digits = structured_communication(number)
    assert read_structured_communication(show_structured_communication(digits)) == digits


def test_a_communication_with_wrong_check_digits_is_refused() -> None:
    with pytest.raises(MalformedStructuredCommunication):
        read_structured_communication("+++000/0001/23471+++")


def test_a_vat_number_is_checked_by_its_digits() -> None:
    assert vat_number("BE 0403.170.701") == "BE0403170701"
    with pytest.raises(MalformedVatNumber):
        vat_number("BE 0403.170.702")


def test_an_iban_is_checked_by_its_digits_and_a_new_bank_is_accepted() -> None:
    assert iban("BE68 5390 0754 7034") == "BE68539007547034"
    with pytest.raises(MalformedIban):
        iban("BE68 5390 0754 7035")


def test_a_refused_national_number_does_not_appear_in_the_refusal() -> None:
    with pytest.raises(MalformedNationalNumber) as refused:
        national_number("85.07.30-033.62", "be")
    assert "033" not in str(refused.value) + str(refused.value.facts)


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_of_ids_stumble(text: str) -> None:
    try:
        decode(text)
    except MalformedId:
        return


def test_an_id_opens_its_own_country_and_type_only() -> None:
    text = encode("BE", "Invoice", KEY)
    assert decode_as(text, "Invoice", "BE") == KEY
    with pytest.raises(WrongType):
        decode_as(text, "Member", "BE")
    with pytest.raises(WrongCountry):
        decode_as(text, "Invoice", "FR")


def test_an_id_has_one_spelling() -> None:
    with pytest.raises(MalformedId):
        decode(encode("BE", "Invoice", KEY) + "=")
