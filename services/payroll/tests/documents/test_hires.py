"""What is told to the authority of each country before work begins, and what its documents say of themselves."""

from __future__ import annotations

from datetime import date

import orjson
import pytest
from lxml import etree

from commons.country import load_country
from payroll.adapters.authority import DIMONA, DPAE, NAV_08E
from payroll.documents import dpae, nav_08e
from payroll.documents.hires import FORMS, hire_form
from payroll.domain.declaration import Hire
from payroll.domain.errors import HireFormatUnknown
from payroll.domain.law import PayrollLaw

DAY = date(2026, 7, 1)
HIRE = Hire("303265045", "295109912611193", "", DAY, date(2026, 7, 31))


def law(country: str) -> PayrollLaw:
    return PayrollLaw(load_country(country))


@pytest.mark.parametrize(("country", "channel"), [("be", DIMONA), ("fr", DPAE), ("hu", NAV_08E)])
def test_the_country_names_the_form_in_which_its_authority_is_told(country: str, channel: object) -> None:
    assert hire_form(law(country), DAY).channel is channel


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


@pytest.mark.parametrize("name", ["dpae", "nav_08e"])
def test_a_document_of_a_shape_that_was_not_verified_says_so_before_anything_else(name: str) -> None:
    country = {"dpae": "fr", "nav_08e": "hu"}[name]
    form = FORMS[name]
    for document in (form.hire(HIRE, law(country).rule("hire_declaration", DAY)), form.cancel("20000000001")):
        assert b"<!-- Shape unverified: " in document.splitlines()[1]


def test_the_end_of_a_french_contract_is_no_declaration_of_hires() -> None:
    assert FORMS["dpae"].end is None


def test_a_belgian_hire_is_json_with_its_joint_committee() -> None:
    hire = Hire("0896755397", "85073003328", "304", DAY, DAY)
    body = orjson.loads(FORMS["dimona"].hire(hire, law("be").rule("hire_declaration", DAY)))
    assert body["dimonaIn"]["features"]["jointCommissionNumber"] == "XXX"


def test_the_numbers_of_a_hire_are_not_in_its_repr() -> None:
    assert "295109912611193" not in repr(HIRE)
