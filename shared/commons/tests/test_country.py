from datetime import date
from pathlib import Path

import pytest

from commons.country import (
    CountryDataWrong,
    CountryNotReady,
    CountryUnknown,
    country_codes,
    load_country,
)
from commons.dated import ValueNotInForce
from commons.law import invented_sentences, main, sentences

HEAD = """
name: Testland
currency: EUR
languages: [en]
time_zone: Europe/Brussels
payment_reference: iso_11649
working_days: {values: [{since: 2000-01-01, weekdays: [1, 2, 3, 4, 5]}], source: x, read: primary, checked_until: 2030-12-31}
public_holidays: {values: [{since: 2000-01-01, fixed: [], easter_offsets: []}], source: x, read: primary, checked_until: 2030-12-31}
bank_holidays: {values: [{since: 2000-01-01, fixed: [], easter_offsets: []}], source: x, read: primary, checked_until: 2030-12-31}
"""


def a_country(folder: Path, membership: str, head: str = HEAD) -> Path:
    (folder / "tt").mkdir()
    (folder / "tt" / "country.yaml").write_text(head)
    (folder / "tt" / "membership.yaml").write_text(membership)
    return folder


def test_the_seventh_working_day_counts_saturdays_and_leaves_out_sundays_and_holidays() -> None:
    belgium = load_country("be")
    assert belgium.nth_working_day_after(date(2026, 7, 31), 7) == date(2026, 8, 8)
    # 21 July is the national holiday.
    assert belgium.nth_working_day_after(date(2026, 7, 17), 7) == date(2026, 7, 27)


def test_ascension_day_follows_easter() -> None:
    assert load_country("be").is_public_holiday(date(2026, 5, 14))


def test_a_saturday_is_a_working_day_and_not_a_bank_day() -> None:
    belgium = load_country("be")
    assert belgium.is_working_day(date(2026, 8, 8))
    assert not belgium.is_bank_day(date(2026, 8, 8))


def test_every_country_folder_can_be_read() -> None:
    assert {load_country(code).code for code in country_codes()} == set(country_codes())


def test_a_country_says_with_how_many_decimals_its_whole_amounts_are_written() -> None:
    assert {code: load_country(code).decimals_shown for code in ("be", "hu", "se")} == {
        "be": 2,
        "hu": 0,
        "se": 2,
    }


@pytest.mark.parametrize("decimals", ["3", "-1", "'0'", "none"])
def test_decimals_that_a_currency_does_not_have_stop_the_start(tmp_path: Path, decimals: str) -> None:
    with pytest.raises(CountryDataWrong, match="decimals_shown is a whole number, at most 2"):
        load_country("tt", folder=a_country(tmp_path, "", f"{HEAD}decimals_shown: {decimals}\n"))


def test_a_country_without_a_folder_is_unknown() -> None:
    with pytest.raises(CountryUnknown):
        load_country("zz")
    with pytest.raises(CountryUnknown):
        load_country("../be")


def test_a_country_with_a_missing_file_is_not_ready(tmp_path: Path) -> None:
    with pytest.raises(CountryNotReady):
        load_country("tt", need=("payroll",), folder=a_country(tmp_path, "{}"))


def test_a_value_is_asked_for_by_the_day(tmp_path: Path) -> None:
    text = """
share:
  values:
    - {since: 2017-01-01, amount: "30.00"}
    - {since: 2020-01-01, until: 2020-12-31, amount: "40.00"}
  source: statutes
  read: secondary
  checked_until: 2026-12-31
"""
    share = load_country("tt", folder=a_country(tmp_path, text)).section("membership")["share"]
    assert share.on(date(2019, 12, 31))["amount"] == "30.00"
    assert share.on(date(2020, 6, 1))["amount"] == "40.00"
    with pytest.raises(ValueNotInForce):
        share.on(date(2021, 1, 1))
    with pytest.raises(ValueNotInForce):
        share.on(date(2016, 12, 31))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("rate: 0.055", "in quotes"),
        ("a: 1\na: 2", "written twice"),
        ("x: {values: [{since: 2020-01-01, a: '1'}], read: primary, checked_until: 2026-01-01}", "source"),
        ("x: {values: [{since: 2020-01-01, a: '1'}], source: y, checked_until: 2026-01-01}", "read"),
        ("x: {values: [{since: 2020-01-01, a: '1'}], source: y, read: primary}", "checked_until"),
        ("x: {values: [{a: '1'}], source: y, read: primary, checked_until: 2026-01-01}", "since"),
        (
            "x: {values: [{since: 2021-01-01, a: '1'}, {since: 2020-01-01, a: '2'}], source: y, read: primary, "
            "checked_until: 2026-01-01}",
            "must come after",
        ),
    ],
)
def test_a_fault_in_the_data_stops_the_start_and_is_named(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(CountryDataWrong, match=fault):
        load_country("tt", folder=a_country(tmp_path, text))


def test_a_parameter_past_the_day_it_was_checked_until_is_named() -> None:
    belgium = load_country("be")
    assert any("working_days" in sentence for sentence in sentences(belgium, date(2031, 1, 1)))
    assert sentences(belgium, date(2020, 1, 1)) == []


RAISED = """
share:
  values:
    - {since: 2017-01-01, amount: "30.00", currency: EUR}
    - {since: 2027-01-01, amount: "35.00", currency: EUR, source: "general assembly", checked_until: 2027-12-31}
    - {since: 2029-01-01, amount: "36.00", currency: EUR, source: "carried on", invented: true}
  source: statutes
  read: secondary
  checked_until: 2026-12-31
"""


def test_a_value_that_was_checked_for_its_days_is_not_stale_with_its_parameter(tmp_path: Path) -> None:
    country = load_country("tt", folder=a_country(tmp_path, RAISED))
    share = country.section("membership")["share"]
    assert share not in country.stale_on(date(2026, 12, 31))
    assert share not in country.stale_on(date(2027, 12, 31))
    assert sentences(country, date(2028, 1, 1)) == [
        "Testland: share was checked until 2027-12-31, not for 2028-01-01 (source: general assembly)."
    ]
    assert share.source_on(date(2026, 12, 31)) == "statutes"
    assert share.source_on(date(2027, 1, 1)) == "general assembly"
    assert share.on(date(2027, 1, 1))["source"] == "general assembly"


def test_one_invented_value_makes_its_parameter_an_invented_one(tmp_path: Path) -> None:
    country = load_country("tt", folder=a_country(tmp_path, RAISED))
    share = country.section("membership")["share"]
    assert country.invented() == [share]
    assert (share.read_on(date(2028, 1, 1)), share.read_on(date(2029, 1, 1))) == ("secondary", "invented")
    assert invented_sentences(country) == [
        "Testland: share (its value since 2029-01-01) is invented (source: carried on): "
        "confirm with a source before members depend on it."
    ]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("source: 5", "source"),
        ("source: ''", "source"),
        ("read: guessed", "read"),
        ("invented: 'yes'", "invented"),
        ("checked_until: '2027'", "checked_until"),
        ("confirmed: true", "confirmed"),
        ("confirmed: {by: lies}", "confirmed"),
    ],
)
def test_what_a_value_says_about_itself_has_a_form(tmp_path: Path, said: str, fault: str) -> None:
    text = f"x: {{values: [{{since: 2020-01-01, a: '1', {said}}}], source: y, read: primary, checked_until: 2026-01-01}}"
    with pytest.raises(CountryDataWrong, match=f"2020-01-01: `{fault}`"):
        load_country("tt", folder=a_country(tmp_path, text))


def test_a_value_with_nothing_but_a_source_says_nothing(tmp_path: Path) -> None:
    text = (
        "x: {values: [{since: 2020-01-01, source: z}], source: y, read: primary, checked_until: 2026-01-01}"
    )
    with pytest.raises(CountryDataWrong, match="says nothing"):
        load_country("tt", folder=a_country(tmp_path, text))


@pytest.mark.parametrize("day", ["foo", "2026-02-30"])
def test_the_law_of_a_day_that_does_not_exist_is_refused_in_a_sentence(
    day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([day]) == 2
    assert capsys.readouterr().err == f"{day} is no day; write one like DAY=2027-01-15.\n"


def test_the_check_of_the_law_ends_by_saying_what_its_exit_status_means(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["2099-01-01"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("Exit status 1 says that: nothing is broken")
    assert main(["2020-01-01"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("confirm with a source before members depend on it" in line for line in lines) > 1
