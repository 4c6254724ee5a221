"""The quarterly return of Belgium as the batch channel takes it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from lxml import etree
from tests.documents.a_return import a_return, declare
from tests.documents.read_returns import read_dmfa

from commons.country import load_country
from commons.money import Money
from payroll.documents.dmfa import batch_files, net_owed, write_dmfa
from payroll.domain.belgium.quarter import quarter_worked, regularize
from payroll.domain.engines import engine_of
from payroll.domain.errors import ReturnFieldUnfit
from payroll.domain.periodic_return import Place
from payroll.domain.sheet import Kind


def test_a_sending_is_data_signature_and_go_under_one_name() -> None:
    declared = a_return("be")
    data, go = write_dmfa(declared.wages, declared.form)
    assert data.name == "FI.DMFA.123456789.20261005.00001.R.1.1"
    assert (go.name, go.content) == ("GO.DMFA.123456789.20261005.00001.R.1.1", b"")
    names = [
        file.name
        for file in batch_files(data.content, declared.wages, sender="123456", sequence=7, signature=b"c2ln")
    ]
    assert names == [f"{kind}.DMFA.123456.20261005.00007.R.1.1" for kind in ("FI", "FS", "GO")]


def test_amounts_have_eleven_digits_and_counts_five() -> None:
    declared = a_return("be")
    root = etree.fromstring(write_dmfa(declared.wages, declared.form)[0].content)
    amounts = [element.text or "" for element in root.iter() if str(element.tag).endswith("Amount")]
    counts = [element.text for element in root.iter("ServiceNbrDays", "ServiceNbrHours")]
    assert amounts
    assert all(re.fullmatch(r"\d{11}", amount) for amount in amounts)
    assert set(counts) == {"00900", "06840"}


def test_the_quarter_has_one_person_for_each_worker_and_one_occupation_for_each_contract() -> None:
    declared = a_return("be", workers=3)
    one = declared.works[0]
    again = replace(one, payslip_id=UUID(int=5))
    wages = declare("be", [*declared.works, again], declared.form)
    root = etree.fromstring(write_dmfa(wages, declared.form)[0].content)
    assert root.findtext(".//Quarter") == "20263"
    assert [person.findtext("INSS") for person in root.iter("NaturalPerson")] == [
        f"{85 + number:011}" for number in range(3)
    ]
    occupations = [len(person.findall(".//Occupation")) for person in root.iter("NaturalPerson")]
    assert occupations == [2, 2, 2]
    days = [element.text for element in root.iter("ServiceNbrDays")]
    assert days.count("01800") == 1, "two payslips of one contract are one occupation"


def test_what_is_owed_is_contributions_of_both_sides_less_reductions() -> None:
    declared = a_return("be")
    owed = 0
    for work in declared.works:
        for line in work.figures:
            if line.code.startswith(("withholding", "employer.insurance")):
                continue
            owed -= line.amount.minor if line.kind is Kind.DEDUCTION else 0
            owed += line.amount.minor if line.kind is Kind.CHARGE else 0
    assert net_owed(declared.wages, declared.form) == Money(owed, "EUR")
    root = etree.fromstring(write_dmfa(declared.wages, declared.form)[0].content)
    assert root.findtext(".//NetOwedAmount") == f"{owed:011}"


def test_the_quarter_is_closed_in_the_return_and_on_no_payslip() -> None:
    declared = a_return("be")
    engine = engine_of(load_country("be"))
    files = write_dmfa(declared.wages, declared.form)
    said = Counter[tuple[str | None, Place]]()
    for who, place, minor in read_dmfa(files):
        said[who, place] += minor
    reduced = 0
    for number in {work.worker.national_number for work in declared.works}:
        works = [work for work in declared.works if work.worker.national_number == number]
        quarter = quarter_worked(engine, works, declared.wages.period.last, None)
        closing = regularize(engine, quarter)
        due = quarter.special_contribution - closing.amount("special_contribution.quarter").minor
        assert said[number, Place("contribution", "856")] == due
        reduction = closing.amount("employer.structural_reduction").minor
        assert said[number, Place("occupation_deduction", "3000")] == reduction
        reduced += reduction
    assert reduced < 0
    root = etree.fromstring(files[0].content)
    owed = sum(minor for (_, place), minor in said.items() if place.block != "remuneration")
    assert root.findtext(".//NetOwedAmount") == f"{owed:011}"
    assert not [
        line for work in declared.works for line in work.payslip.lines if line.code.endswith("reduction")
    ]


def test_an_artist_owes_on_108_percent_and_a_clerk_on_the_wage() -> None:
    declared = a_return("be", workers=3)
    root = etree.fromstring(write_dmfa(declared.wages, declared.form)[0].content)
    for record in root.iter("WorkerRecord"):
        gross = sum(int(element.text or "") for element in record.iter("RemunAmount"))
        base = int(record.findtext(".//ContributionCalculationBasis") or "")
        share = base / gross
        expected = 1.0 if record.findtext("WorkerCode") == "495" else 1.08
        assert share == pytest.approx(expected, abs=1e-5)


def test_an_allowance_is_no_wage_and_its_worker_is_declared_by_the_principal() -> None:
    declared = a_return("be", workers=3, regimes=("artist_1bis", "amateur_arts", "white_collar"))
    root = etree.fromstring(write_dmfa(declared.wages, declared.form)[0].content)
    people = [person.findtext("INSS") for person in root.iter("NaturalPerson")]
    assert people == [declared.works[place].worker.national_number for place in (0, 4)]
    assert [number.text for number in root.iter("NaturalPersonSequenceNbr")] == ["1", "2"]
    assert [code.text for code in root.iter("WorkerCode")] == ["046", "495"]


def test_a_reduction_beyond_the_field_is_refused_and_not_cut() -> None:
    declared = a_return("be", workers=1)
    payslip = declared.works[0].payslip
    lines = tuple(
        replace(line, amount=Money(-1, "EUR")) if line.code == "gross" else line for line in payslip.lines
    )
    work = replace(declared.works[0], payslip=replace(payslip, lines=lines))
    with pytest.raises(ReturnFieldUnfit):
        write_dmfa(declare("be", [work], declared.form), declared.form)


@pytest.mark.parametrize(("regime", "factor"), [("white_collar", 100), ("manual_worker", 108)])
def test_a_year_end_premium_has_a_code_of_its_own_and_counts_in_the_contributions(
    regime: str, factor: int
) -> None:
    plain, premium = (
        a_return("be", workers=1, regimes=[regime], year_end_premium=amount) for amount in (0, 100_000)
    )
    bases: list[int] = []
    for declared in (plain, premium):
        root = etree.fromstring(write_dmfa(declared.wages, declared.form)[0].content)
        bases += {int(element.text or "") for element in root.iter("ContributionCalculationBasis")}
        codes = Counter[str]()
        for element in root.iter("Remun"):
            codes[element.findtext("RemunCode", "")] += int(element.findtext("RemunAmount", ""))
    assert bases[1] - bases[0] == 1_000 * factor
    assert codes == {"001": 123_457 + 130_470, "002": 100_000}
    assert "year_end_premium" not in {line.code for line in plain.works[1].figures}
