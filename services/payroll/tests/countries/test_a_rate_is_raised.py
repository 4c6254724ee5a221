"""A payroll officer changes a rate as the page says, without reading Python, and sees what follows from it."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.a_wage import a_wage

from commons import law
from commons.country import countries_folder, load_country
from payroll.documents.explain import explained
from payroll.domain.engines import engine_of
from payroll.domain.sheet import Payslip

PAGE = countries_folder() / "README.md"
LAST_LINE = '      - {since: 2024-01-01, rate: "0.1307"}\n'
UNCHANGED = countries_folder()
DECEMBER, JANUARY = date(2026, 12, 31), date(2027, 1, 31)


def line_of_the_page() -> str:
    """The line that the page tells the officer to add."""
    [line] = re.findall(
        r"^ +- \{since: 2027-01-01, rate: .*\}$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return f"      {line.strip()}\n"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of Belgium, copied: what the commands read from now on."""
    folder = tmp_path / "countries"
    shutil.copytree(countries_folder() / "be", folder / "be")
    monkeypatch.setenv("COUNTRIES_DIR", str(folder))
    return folder / "be" / "payroll.yaml"


def add(file: Path, line: str, *, after: str = LAST_LINE) -> int:
    """Write a line below another one; gives its number in the file."""
    text = file.read_text(encoding="utf-8")
    assert text.count(after) == 1
    file.write_text(text.replace(after, after + line), encoding="utf-8")
    return text[: text.index(after)].count("\n") + 2


def payslip_on(day: date, *, folder: Path | None = None) -> Payslip:
    return engine_of(load_country("be", folder=folder)).payslip(a_wage(400_000, day))


def checked(day: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = law.main([day])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_the_payslip_of_january_has_the_new_rate_and_december_stays_what_it_was(copy: Path) -> None:
    before = payslip_on(DECEMBER, folder=UNCHANGED), payslip_on(JANUARY, folder=UNCHANGED)
    add(copy, line_of_the_page())
    assert payslip_on(DECEMBER) == before[0]
    raised = payslip_on(JANUARY)
    [line] = [line for line in raised.lines if line.code == "onss.worker"]
    assert (line.amount.minor, str(line.rate)) == (-54_000, "0.135")
    assert line.source is not None
    assert line.source.text == "Moniteur belge 2026-12-20, p. 1"
    assert raised.net_wage < before[1].net_wage
    assert raised.fingerprint != before[1].fingerprint


def test_the_explanation_names_the_new_rate_and_where_it_stands(copy: Path) -> None:
    add(copy, line_of_the_page())
    january, december = (
        explained("be", "4000.00", day, "white_collar", "en", []) for day in (JANUARY, DECEMBER)
    )
    assert "Moniteur belge 2026-12-20, p. 1" in january
    assert "540.00" in january
    assert "Moniteur belge 2026-12-20" not in december
    assert "522.80" in december


def test_law_check_no_longer_asks_for_what_was_checked(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = "onss.worker was checked until 2026-12-31, not for 2027-01-15"
    unchanged = law.sentences(load_country("be", folder=UNCHANGED), date(2027, 1, 15))
    assert any(asked in sentence for sentence in unchanged)
    add(copy, line_of_the_page())
    status, said = checked("2027-01-15", capsys)
    assert asked not in said
    assert "onss.base was checked until 2026-12-31" in said
    assert status == law.SOME_STALE


@pytest.mark.parametrize(
    ("slip", "sentence"),
    [
        (lambda line: line.replace('"0.1350"', "0.1350"), "line {line}: write the number 0.1350 in quotes"),
        (
            lambda line: line.replace("rate:", "rat:"),
            "onss.worker: line {line}: `rat` is unknown here; the values before have `rate`",
        ),
        (
            lambda line: line.replace("since: 2027-01-01", "since: 2023-01-01"),
            "onss.worker: line {line}: the value since 2023-01-01 must come after 2024-01-01",
        ),
        (
            lambda line: line.replace("since: 2027-01-01, ", ""),
            "onss.worker: line {line}: every value needs a day `since`",
        ),
        (lambda line: line.replace("2027-01-01", "2027-02-30"), "line {line}: 2027-02-30 is no day"),
        (
            lambda line: line.replace('source: "Moniteur belge 2026-12-20, p. 1"', 'source: ""'),
            "onss.worker: line {line}: the value since 2027-01-01: `source` is a text, or names an act and a place",
        ),
        (
            lambda line: line.replace("read: primary", "read: heard"),
            "onss.worker: line {line}: the value since 2027-01-01: `read` must be one of",
        ),
    ],
    ids=[
        "a float",
        "an unknown name",
        "a day out of order",
        "no day",
        "no such day",
        "no source",
        "not read",
    ],
)
def test_a_slip_of_the_pen_is_answered_with_file_and_line(
    copy: Path, capsys: pytest.CaptureFixture[str], slip: object, sentence: str
) -> None:
    assert callable(slip)
    number = add(copy, slip(line_of_the_page()))
    status, said = checked("2027-01-15", capsys)
    assert status == law.NOT_ANSWERED
    assert f"be/payroll.yaml: {sentence.format(line=number)}" in said
    assert len(said.splitlines()) == 1, "a sentence, and nothing of the program"


def test_a_parameter_without_a_source_or_with_a_name_of_its_own_is_named_with_its_line(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = copy.read_text(encoding="utf-8")
    head = "onss:\n  worker:\n"
    assert text.count(head) == 1
    line = text[: text.index(head)].count("\n") + 3
    with_source = '    source: {act: "Loi 29/06/1981 établissant'
    assert text.count(with_source) == 1
    for written, sentence in (
        (with_source.replace("source", "sorce"), "`sorce` is unknown; a parameter has "),
        (f"    read: secondary\n    #{with_source}", None),
    ):
        changed = text.replace(with_source, written)
        if sentence is None:
            changed = changed.replace("    read: secondary\n    #", "    #", 1)
            sentence = "a source is missing"
        copy.write_text(changed, encoding="utf-8")
        assert f"be/payroll.yaml: onss.worker: line {line}: {sentence}" in checked("2027-01-15", capsys)[1]
