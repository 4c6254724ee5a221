"""What is told to the authority of each country before work begins, and what its documents say of themselves."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date

import orjson
import pytest
from lxml import etree

from commons.country import country_codes, load_country
from payroll.adapters.authority import DEUEV, DIMONA, DPAE, ELDA, NAV_08E, RED, UNILAV
from payroll.documents import deuev_notice, dpae, elda, nav_08e, red_registration, unilav
from payroll.documents.hire_record import EMPLOYER_WIDTH, HireNotices
from payroll.documents.hires import FORMS, hire_form, is_hire_declared
from payroll.domain.declaration import Hire
from payroll.domain.errors import HireFormatUnknown, ReturnFieldUnfit
from payroll.domain.law import PayrollLaw

DAY = date(2026, 7, 1)
HIRE = Hire("303265045", "295109912611193", "", DAY, date(2026, 7, 31))


def law(country: str) -> PayrollLaw:
    return PayrollLaw(load_country(country))


CHANNELS = {
    "at": ELDA,
    "be": DIMONA,
    "de": DEUEV,
    "es": RED,
    "fr": DPAE,
    "hu": NAV_08E,
    "it": UNILAV,
}


@pytest.mark.parametrize(("country", "channel"), CHANNELS.items())
def test_the_country_names_the_form_in_which_its_authority_is_told(country: str, channel: object) -> None:
    assert hire_form(law(country), DAY).channel is channel


def test_every_country_declares_its_hires_or_says_that_it_asks_for_none() -> None:
    told = {code for code in country_codes() if is_hire_declared(law(code), DAY)}
    assert told == set(CHANNELS)
    assert set(country_codes()) - told == {"nl", "se"}


def test_a_form_that_nobody_can_write_yet_is_refused_by_its_name() -> None:
    # France: from 2027 a message of the DSN takes the place of the DPAE.
    with pytest.raises(HireFormatUnknown) as refused:
        hire_form(law("fr"), date(2027, 1, 1))
    assert refused.value.facts["format"] == "dsn_hire"


def test_a_french_hire_names_employer_worker_and_days() -> None:
    root = etree.fromstring(FORMS["dpae"].hire(HIRE, law("fr").rule("hire_declaration", DAY)))
    texts = {etree.QName(node).localname: node.text for node in root.iter(f"{{{dpae.NAMESPACE}}}*")}
    assert (texts["Siren"], texts["Nir"]) == ("303265045", "295109912611193")
    assert (texts["DateEmbauche"], texts["DateFinContrat"]) == ("2026-07-01", "2026-07-31")


def test_a_hungarian_form_tells_a_start_an_end_and_a_deletion() -> None:
    form = FORMS["nav_08e"]
    assert form.end is not None
    told = [
        form.hire(HIRE, law("hu").rule("hire_declaration", DAY)),
        form.end("20000000001", date(2026, 7, 15)),
        form.cancel("20000000001"),
    ]
    acts = [etree.fromstring(document).findtext(f"{{{nav_08e.NAMESPACE}}}muvelet") for document in told]
    assert acts == ["bejelentes", "megszunes", "torles"]


HIRES = {
    "at": Hire("U13585627", "1237010180", "", DAY, date(2026, 7, 31)),
    "de": Hire("136695976", "36574261809", "", DAY, date(2026, 7, 31)),
    "es": Hire("B58378431", "54362315K", "", DAY, date(2026, 7, 31)),
    "fr": HIRE,
    "hu": Hire("12892312", "8435000001", "", DAY, date(2026, 7, 31)),
    "it": Hire("00743110157", "RCCMNL83S18D969H", "", DAY, date(2026, 7, 31)),
}


@pytest.mark.parametrize(("country", "hire"), HIRES.items(), ids=HIRES)
def test_a_document_of_a_shape_that_was_not_verified_says_so_before_anything_else(
    country: str, hire: Hire
) -> None:
    form = hire_form(law(country), DAY)
    documents = [
        form.hire(hire, law(country).rule("hire_declaration", DAY)),
        form.cancel("20000000001"),
        *([] if form.end is None else [form.end("20000000001", date(2026, 7, 15))]),
    ]
    assert len(set(documents)) == len(documents)
    for document in documents:
        assert b"Shape unverified: " in b"".join(document.splitlines()[:2])


@pytest.mark.parametrize(
    ("document", "act"),
    [(elda.NOTICES, "AN"), (red_registration.NOTICES, "AL")],
    ids=["at", "es"],
)
def test_a_record_of_fixed_width_has_each_field_at_its_place(document: HireNotices, act: str) -> None:
    hire = HIRES["at"] if document is elda.NOTICES else HIRES["es"]
    _, line = document.hire_declaration(hire).decode().splitlines()
    begins = 2 + EMPLOYER_WIDTH
    assert line[:2] == act
    assert line[2:begins].rstrip() == hire.enterprise_number
    assert line[begins : begins + document.worker_width].rstrip() == hire.national_number
    assert line[begins + document.worker_width :].rstrip() == "2026070120260731"
    with pytest.raises(ReturnFieldUnfit):
        document.hire_declaration(replace(hire, national_number="1" * 30))


def test_a_german_notice_has_a_reason_and_is_taken_back_by_its_mark() -> None:
    told = [
        deuev_notice.hire_declaration(HIRES["de"]),
        deuev_notice.end("20000000001", date(2026, 7, 15)),
        deuev_notice.cancellation("20000000001"),
    ]
    rows = [next(csv.DictReader(text.decode().splitlines()[1:], delimiter=";")) for text in told]
    assert [(row["Grund"], row["Storno"]) for row in rows] == [("10", "N"), ("30", "N"), ("10", "J")]
    assert rows[0]["Beschaeftigter"] == "36574261809"
    assert (rows[1]["Ende"], rows[1]["Bezug"]) == ("2026-07-15", "20000000001")


def test_an_italian_notice_names_employer_worker_and_days() -> None:
    root = etree.fromstring(unilav.hire_declaration(HIRES["it"]))
    names = {"u": unilav.NAMESPACE}
    assert root.findtext("u:DatoreLavoro/u:CodiceFiscale", namespaces=names) == "00743110157"
    assert root.findtext("u:Lavoratore/u:CodiceFiscale", namespaces=names) == "RCCMNL83S18D969H"
    assert root.findtext("u:RapportoLavoro/u:DataInizio", namespaces=names) == "01072026"


def test_the_end_of_a_french_contract_is_no_declaration_of_hires() -> None:
    assert FORMS["dpae"].end is None


def test_a_belgian_hire_is_json_with_its_joint_committee() -> None:
    hire = Hire("0896755397", "85073003328", "304", DAY, DAY)
    body = orjson.loads(FORMS["dimona"].hire(hire, law("be").rule("hire_declaration", DAY)))
    assert body["dimonaIn"]["features"]["jointCommissionNumber"] == "XXX"


def test_the_numbers_of_a_hire_are_not_in_its_repr() -> None:
    assert "295109912611193" not in repr(HIRE)
