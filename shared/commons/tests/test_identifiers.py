from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.global_id import MalformedId, WrongCountry, WrongType, decode, decode_as, encode
from commons.identifiers import (
    MalformedEnterpriseNumber,
    MalformedIban,
    MalformedNationalNumber,
    MalformedPaymentReference,
    MalformedVatNumber,
    UnknownNumbering,
    birth_date,
    digits_of_payment_reference,
    enterprise_number,
    enterprise_of_vat_number,
    iban,
    national_number,
    payment_reference,
    read_payment_reference,
    show_payment_reference,
    vat_number,
)

KEY = UUID("0190f3a0-0000-7000-8000-000000000001")


@pytest.mark.parametrize("form", ["be_structured_communication", "iso_11649"])
@given(number=st.integers(0, 10**10 - 1))
def test_a_payment_reference_is_read_back_as_it_was_shown(form: str, number: int) -> None:
    reference = payment_reference(form, number)
    assert read_payment_reference(show_payment_reference(reference)) == reference
    assert digits_of_payment_reference(reference) == f"{number:010}"


@pytest.mark.parametrize("text", ["+++000/0001/23471+++", "RF80 2000 0000 01", "RF", ""])
def test_a_payment_reference_with_wrong_check_digits_is_refused(text: str) -> None:
    with pytest.raises(MalformedPaymentReference):
        read_payment_reference(text)


def test_references_are_written_as_the_banks_of_a_country_expect_them() -> None:
    assert (
        show_payment_reference(payment_reference("be_structured_communication", 1)) == "+++000/0000/00101+++"
    )
    assert show_payment_reference(payment_reference("iso_11649", 2_000_000_001)) == "RF81 2000 0000 01"


@pytest.mark.parametrize("reference", ["", "RF18539007547034", "RF18", "12345678901", "F2026-000001"])
def test_a_reference_of_somebody_else_has_no_digits_of_ours(reference: str) -> None:
    assert len(digits_of_payment_reference(reference)) in (0, 10)


def test_a_vat_number_is_checked_by_its_digits() -> None:
    assert vat_number("BE 0403.170.701") == "BE0403170701"
    with pytest.raises(MalformedVatNumber):
        vat_number("BE 0403.170.702")


def test_an_iban_is_checked_by_its_digits_and_a_new_bank_is_accepted() -> None:
    assert iban("BE68 5390 0754 7034") == "BE68539007547034"
    with pytest.raises(MalformedIban):
        iban("BE68 5390 0754 7035")


@pytest.mark.parametrize(
    ("numbering", "vat", "enterprise"),
    [
        ("be_enterprise_number", "BE0403170701", "0403170701"),
        ("fr_siren", "FR40303265045", "303265045"),
        ("hu_tax_number", "HU12892312", "12892312"),
    ],
)
def test_a_vat_number_repeats_the_enterprise_number_of_its_country(
    numbering: str, vat: str, enterprise: str
) -> None:
    assert vat_number(vat) == vat
    assert enterprise_number(enterprise, numbering) == enterprise_of_vat_number(vat, numbering) == enterprise
    with pytest.raises(MalformedEnterpriseNumber):
        enterprise_number(enterprise[:-1] + str((int(enterprise[-1]) + 1) % 10), numbering)


@pytest.mark.parametrize(
    ("numbering", "number", "compact"),
    [
        ("at_social_insurance_number", "1237 010180", "1237010180"),
        ("de_tax_identification", "36 574 261 809", "36574261809"),
        ("es_nif", "54362315-K", "54362315K"),
        ("nl_bsn", "1112.22.333", "111222333"),
        ("se_personal_number", "8803200016", "880320-0016"),
        ("be_national_number", "85.07.30-033.28", "85073003328"),
        ("fr_nir", "2 95 10 99 126 111 93", "295109912611193"),
        ("hu_tax_identification", "845 123 4569", "8451234569"),
    ],
)
def test_a_national_number_is_checked_by_its_digits(numbering: str, number: str, compact: str) -> None:
    assert national_number(number, numbering) == compact
    last = compact[-1]
    other = str((int(last) + 1) % 10) if last.isdigit() else chr(ord(last) + 1)
    with pytest.raises(MalformedNationalNumber):
        national_number(compact[:-1] + other, numbering)


def test_some_national_numbers_tell_the_birth_and_others_do_not() -> None:
    assert birth_date("85073003328", "be_national_number") == date(1985, 7, 30)
    assert birth_date("8435000001", "hu_tax_identification") == date(1986, 2, 6)
    assert birth_date("880320-0016", "se_personal_number") == date(1988, 3, 20)
    assert birth_date("111222333", "nl_bsn") is None


@pytest.mark.parametrize("numbering", ["", "be", "se_organisationsnummer"])
def test_numbers_of_a_country_that_names_no_numbering_are_not_taken(numbering: str) -> None:
    with pytest.raises(UnknownNumbering):
        national_number("85.07.30-033.28", numbering)
    with pytest.raises(UnknownNumbering):
        enterprise_number("0403170701", numbering)


def test_a_refused_national_number_does_not_appear_in_the_refusal() -> None:
    with pytest.raises(MalformedNationalNumber) as refused:
        national_number("85.07.30-033.62", "be_national_number")
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
