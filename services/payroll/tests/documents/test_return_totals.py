"""The control figures of each country's return: what the document says of all is the sum of what it says of each."""

from __future__ import annotations

from decimal import Decimal

from lxml import etree
from tests.documents.a_return import a_return
from tests.documents.read_returns import READERS

from payroll.documents.return_text import ReturnFile
from payroll.documents.returns import write_return
from payroll.domain.periodic_return import Place


def _root(file: ReturnFile) -> etree._Element:
    return etree.fromstring(file.content)


def _of(root: etree._Element, name: str) -> list[str]:
    return [str(element.text) for element in root.iter(f"{{*}}{name}")]


def test_sweden_adds_up_the_tax_of_the_persons_and_cuts_the_fees_once() -> None:
    declared = a_return("se")
    root = _root(write_return(declared.wages, declared.form)[0])
    taxes = [int(text) for text in _of(root, "AvdrPrelSkatt")]
    assert _of(root, "SummaSkatteavdr") == [str(sum(taxes))]
    fees = sum(work.payslip.amount("employer.contributions").minor for work in declared.works)
    assert _of(root, "SummaArbAvgSlf") == [str(fees // 100)]
    assert _of(root, "Specifikationsnummer") == ["1", "2", "3", "4"]
    assert _of(root, "AgRegistreradId")[0] == "165561234567"


def test_the_netherlands_cut_each_total_to_whole_euros_and_owe_their_sum() -> None:
    declared = a_return("nl")
    root = _root(write_return(declared.wages, declared.form)[0])
    premiums = ["IngLbPh", "PrAofHg", "OpslWko", "PrGediffWhk", "PrAwfLg", "PrAwfHg", "WghZvw"]
    owed = 0
    for field in premiums:
        of_persons = sum(
            Decimal(str(element.text))
            for own in root.iter("{*}Werknemersgegevens")
            for element in own.iterfind(f"{{*}}{field}")
        )
        total = _of(root, "IngLbPh" if field == "IngLbPh" else f"Tot{field}")[0]
        assert int(total) == int(of_persons), field
        owed += int(total)
    assert _of(root, "TotTeBet") == _of(root, "TotGen") == [str(owed)]


def test_france_counts_its_rubrics_in_the_trailer() -> None:
    declared = a_return("fr")
    lines = write_return(declared.wages, declared.form)[0].content.decode("latin-1").split("\r\n")
    assert lines[-1] == ""
    rubrics = [line for line in lines if line.startswith("S")]
    assert rubrics[-2] == f"S90.G00.90.001,'{len(rubrics)}'"
    assert "S21.G00.30.002,'D'Été'" in rubrics
    assert "S21.G00.30.002,'ukasz'" in rubrics, "a letter outside Latin-1 that has no base letter goes"


def test_austria_says_persons_and_sum_in_the_trailer() -> None:
    declared = a_return("at")
    file = write_return(declared.wages, declared.form)[0]
    trailer = file.content.decode("latin-1").split("\r\n")[-2]
    positions = [minor for _, place, minor in READERS["mbgm"]([file]) if place.block == "position"]
    assert trailer == f"M9{4:06}{sum(positions):011}"


def test_germany_adds_up_the_lines_of_the_tax_and_the_groups_of_contributions() -> None:
    declared = a_return("de")
    root = _root(write_return(declared.wages, declared.form)[0])
    amounts = {str(line.get("nr")): Decimal(str(line.text)) for line in root.iter("Kz")}
    assert amounts["86"] == 4
    assert amounts["83"] == sum(amounts[number] for number in ("42", "49", "61") if number in amounts)
    social = a_return("de", "return_social")
    files = write_return(social.wages, social.form)
    sums = files[1].content.decode().splitlines()[-1]
    said = [minor for _, place, minor in READERS["deuev_export"](files) if place.block == "statement"]
    assert sums == f"sum;{Decimal(sum(said)) / 100}"


def test_hungary_has_a_main_sheet_with_the_sums_of_the_persons() -> None:
    declared = a_return("hu")
    file = write_return(declared.wages, declared.form)[0]
    main = next(_root(file).iter("{*}nyomtatvany"))
    assert main.findtext(".//{*}nyomtatvanyazonosito") == "2608A"
    said = {str(field.get("eazon")): 100 * int(str(field.text)) for field in main.iter("{*}mezo")}
    for code, minor in said.items():
        persons = [each for _, place, each in READERS["nav_return"]([file]) if place == Place("field", code)]
        assert sum(persons) == minor, code


def test_spain_counts_its_recipients_and_adds_up_bases_and_quotas() -> None:
    declared = a_return("es")
    boxes = write_return(declared.wages, declared.form)[0].content.decode("latin-1").splitlines()
    assert "01=000000004" in boxes
    assert "PERIODO=3T" in boxes
    social = a_return("es", "return_social")
    root = _root(write_return(social.wages, social.form)[0])
    for element in root.iterfind("Totales/*"):
        own = [
            Decimal(str(each.text))
            for each in root.iterfind(f"Trabajador/{element.tag}[@codigo='{element.get('codigo')}']")
        ]
        assert sum(own) == Decimal(str(element.text)), element.get("codigo")
