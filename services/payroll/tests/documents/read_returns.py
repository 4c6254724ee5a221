"""The documents of returns read back: who, at which place, how much, in minor units as it is declared.

What a document says of everybody together has nobody's number.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from lxml import etree

from payroll.documents.mbgm import LAYOUTS, RECORD_NAMES
from payroll.documents.return_text import ReturnFile
from payroll.domain.periodic_return import Place

Said = Iterator[tuple[str | None, Place, int]]


def _minor(text: str) -> int:
    return int(Decimal(text) * 100)


def _root(file: ReturnFile) -> etree._Element:
    """The document without its namespaces."""
    root = etree.fromstring(file.content)
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    return root


def _text(element: etree._Element, path: str) -> str:
    found = element.findtext(path)
    assert found is not None, path
    return found


def read_dmfa(files: Sequence[ReturnFile]) -> Said:
    for person in _root(files[0]).iter("NaturalPerson"):
        who = _text(person, "INSS")
        for record in person.iter("WorkerRecord"):
            own = _text(record, "WorkerCode")
            for pay in record.iter("Remun"):
                yield who, Place("remuneration", _text(pay, "RemunCode")), int(_text(pay, "RemunAmount"))
            for owed in record.iter("WorkerContribution"):
                code = _text(owed, "ContributionWorkerCode")
                place = Place("contribution", "record" if code == own else code)
                yield who, place, int(_text(owed, "ContributionAmount"))
            for tag, block in (
                ("WorkerDeduction", "worker_deduction"),
                ("OccupationDeduction", "occupation_deduction"),
            ):
                for relief in record.iter(tag):
                    place = Place(block, _text(relief, "DeductionCode"))
                    yield who, place, -int(_text(relief, "DeductionAmount"))


def read_dsn(files: Sequence[ReturnFile]) -> Said:
    who, base, code = None, "", ""
    for line in files[0].content.decode("latin-1").splitlines()[1:]:
        found = re.fullmatch(r"(S\d\d\.G\d\d\.\d\d\.\d{3}),'(.*)'", line)
        assert found, line
        rubric, value = found.groups()
        if rubric == "S21.G00.30.001":
            who = value
        elif rubric == "S21.G00.50.009":
            yield who, Place("tax", "009"), _minor(value)
        elif rubric == "S21.G00.51.013":
            yield who, Place("pay", "001"), _minor(value)
        elif rubric == "S21.G00.78.001":
            base = value
        elif rubric == "S21.G00.81.001":
            code = value
        elif rubric == "S21.G00.81.004":
            yield who, Place(base, code), _minor(value)


def read_agi(files: Sequence[ReturnFile]) -> Said:
    root = _root(files[0])
    for own in root.iter("IU"):
        who = _text(own, ".//BetalningsmottagarId")
        for element in own:
            if (code := element.get("faltkod")) in ("011", "001"):
                yield who, Place("person", code), 100 * int(element.text or "")
    for element in root.iter("SummaArbAvgSlf"):
        yield None, Place("employer", "487"), 100 * int(element.text or "")


def read_loonaangifte(files: Sequence[ReturnFile]) -> Said:
    for relation in _root(files[0]).iter("InkomstenverhoudingInitieel"):
        who = _text(relation, "NatuurlijkPersoon/SofiNr")
        for element in relation.iterfind("Werknemersgegevens/*"):
            blocks = {"LnLbPh": "wage", "IngLbPh": "tax", "LnSV": "", "AantVerlU": ""}
            if block := blocks.get(str(element.tag), "premium"):
                yield who, Place(block, str(element.tag)), _minor(element.text or "")


def read_mbgm(files: Sequence[ReturnFile]) -> Said:
    names = {name: kind for kind, name in RECORD_NAMES.items()}
    who = None
    for line in files[0].content.decode("latin-1").split("\r\n")[1:-1]:
        kind = names[line[:2]]
        cells, at = {}, 0
        for name, width in LAYOUTS[kind]:
            cells[name] = line[at : at + width].rstrip()
            at += width
        assert at == len(line), "every record has its whole width"
        if kind == "insured":
            who = cells["insurance_number"]
        elif kind in ("base", "position"):
            yield who, Place(kind, cells["code"]), int(cells["amount"])


def read_uniemens(files: Sequence[ReturnFile]) -> Said:
    for person in _root(files[0]).iter("DenunciaIndividuale"):
        who = _text(person, "CFLavoratore")
        yield who, Place("pay", "Imponibile"), 100 * int(_text(person, "DatiRetributivi/Imponibile"))
        yield who, Place("contribution", "Contributo"), 100 * int(_text(person, "DatiRetributivi/Contributo"))


def read_nav_return(files: Sequence[ReturnFile]) -> Said:
    for sheet in _root(files[0]).iter("nyomtatvany"):
        who = sheet.findtext(".//adoazonosito")
        if who is not None:
            for field in sheet.iter("mezo"):
                yield who, Place("field", field.get("eazon", "")), 100 * int(field.text or "")


def read_modelo_111(files: Sequence[ReturnFile]) -> Said:
    lines = files[0].content.decode("latin-1").splitlines()[1:]
    boxes = dict(line.split("=", 1) for line in lines)
    assert boxes["28"] == boxes["30"] == boxes["03"]
    for code in ("02", "03"):
        yield None, Place("box", code), int(boxes[code])


def read_red_bases(files: Sequence[ReturnFile]) -> Said:
    for person in _root(files[0]).iter("Trabajador"):
        who = _text(person, "NumeroAfiliacion")
        for tag, block in (("Base", "base"), ("Cuota", "quota")):
            for element in person.iter(tag):
                yield who, Place(block, element.get("codigo", "")), _minor(element.text or "")


def read_wage_tax_return(files: Sequence[ReturnFile]) -> Said:
    for line in _root(files[0]).iter("Kz"):
        if (number := line.get("nr", "")) not in ("83", "86"):
            yield None, Place("line", number), _minor(line.text or "")


def read_deuev_export(files: Sequence[ReturnFile]) -> Said:
    notices, statement = (
        list(csv.DictReader(file.content.decode().splitlines()[1:], delimiter=";")) for file in files
    )
    for row in notices:
        yield row["VSNR"], Place("notice", "pay"), _minor(row["Entgelt"])
    for row in statement:
        if row["Beitragsgruppe"] != "sum":
            yield None, Place("statement", row["Beitragsgruppe"]), _minor(row["Betrag"])


READERS: dict[str, Callable[[Sequence[ReturnFile]], Said]] = {
    "agi": read_agi,
    "deuev_export": read_deuev_export,
    "dmfa": read_dmfa,
    "dsn": read_dsn,
    "loonaangifte": read_loonaangifte,
    "mbgm": read_mbgm,
    "modelo_111": read_modelo_111,
    "nav_return": read_nav_return,
    "red_bases": read_red_bases,
    "uniemens": read_uniemens,
    "wage_tax_return_export": read_wage_tax_return,
}
