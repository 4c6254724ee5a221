"""The payslip as a PDF in the member's language: every line with base, rate, amount and source."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import typst

from commons.money import Money
from payroll.documents.payslip_words import SEPARATORS, WORDS
from payroll.domain.sheet import Kind, Line, Payslip

FALLBACK_LANGUAGE: Final = "en"
PIXELS_PER_INCH: Final = 110

_GROUPS: Final[Sequence[tuple[str, frozenset[Kind]]]] = (
    ("wage", frozenset({Kind.EARNING, Kind.DEDUCTION})),
    ("settlement", frozenset({Kind.SETTLEMENT})),
    ("steps", frozenset({Kind.STEP})),
    ("employer", frozenset({Kind.CHARGE})),
)


@dataclass(frozen=True, slots=True)
class PayslipHeader:
    """What stands on a payslip beside its lines; rows are printed as they are, one below the other."""

    employer_name: str
    employer_rows: tuple[str, ...]
    worker_name: str
    worker_rows: tuple[str, ...]
    reference: str
    first_day: date
    last_day: date
    due_date: date
    is_simulated: bool = False


def render_payslip(payslip: Payslip, header: PayslipHeader, language: str) -> bytes:
    """The PDF, the same bytes for the same payslip. A language without words falls back to English."""
    return _compile(payslip, header, language, "pdf")[0]


def render_payslip_pages(payslip: Payslip, header: PayslipHeader, language: str) -> list[bytes]:
    """The pages as PNG images, for a preview on a screen."""
    return _compile(payslip, header, language, "png")


def _compile(
    payslip: Payslip, header: PayslipHeader, language: str, form: Literal["pdf", "png"]
) -> list[bytes]:
    language = language if language in WORDS else FALLBACK_LANGUAGE
    # Embedded fonts alone, and the payslip's own day as its time: no machine changes the result.
    result = typst.compile(
        _template(),
        format=form,
        ppi=PIXELS_PER_INCH,
        ignore_system_fonts=True,
        sys_inputs={"payslip": json.dumps(_data(payslip, header, language), ensure_ascii=False)},
        timestamp=datetime(payslip.day.year, payslip.day.month, payslip.day.day, tzinfo=UTC),
    )
    assert result is not None, "without an output path the document is returned"
    return list(result) if isinstance(result, list) else [result]


@cache
def _template() -> bytes:
    return files(__package__).joinpath("payslip.typ").read_bytes()


def _data(payslip: Payslip, header: PayslipHeader, language: str) -> Mapping[str, object]:
    words = WORDS[language]
    return {
        "language": language,
        "words": words,
        "title": f"{words['payslip']} {header.reference}",
        "period": f"{_day(header.first_day)} – {_day(header.last_day)}",
        "employer": {"name": header.employer_name, "rows": header.employer_rows},
        "worker": {"name": header.worker_name, "rows": header.worker_rows},
        "facts": [
            {"name": words["reference"], "value": header.reference},
            {"name": words["paid_on"], "value": _day(header.due_date)},
        ],
        "groups": _groups(payslip, language),
        "net_payable": show_money(payslip.net_payable, language),
        "has_invented": any(line.is_invented for line in payslip.lines),
        "remarks": [remark.words.get(language, "") for remark in payslip.remarks],
        "simulated": header.is_simulated,
        "fingerprint": payslip.fingerprint[:16],
        "engine_version": payslip.engine_version,
    }


def _groups(payslip: Payslip, language: str) -> list[Mapping[str, object]]:
    words = WORDS[language]
    totals = {"wage": ("net_wage", payslip.net_wage), "employer": ("labor_cost", payslip.labor_cost)}
    groups: list[Mapping[str, object]] = []
    for name, kinds in _GROUPS:
        rows = [_row(line, language) for line in payslip.lines if line.kind in kinds]
        if not rows:
            continue
        total = None
        if name in totals:
            word, amount = totals[name]
            total = {"label": words[word], "amount": show_money(amount, language)}
        groups.append({"title": words[name], "rows": rows, "total": total})
    return groups


def _row(line: Line, language: str) -> Mapping[str, object]:
    words = WORDS[language]
    source = words["contract_source"] if line.kind is Kind.EARNING else ""
    if line.source is not None:
        source = f"{line.source.text} ({words['since']} {_day(line.source.since)})"
    return {
        "label": line.label.get(language, line.code),
        "base": "" if line.base is None else show_amount(line.base, language),
        "rate": "" if line.rate is None else _rate(line, language),
        "amount": show_amount(line.amount, language),
        "source": source,
        "invented": line.is_invented,
    }


def show_money(money: Money, language: str) -> str:
    """An amount with its currency, as the language writes numbers."""
    return f"{show_amount(money, language)}\u00a0{money.currency}"


def show_amount(money: Money, language: str) -> str:
    """An amount without its currency, as the language writes numbers."""
    thousands, decimals = SEPARATORS[language]
    plain = f"{money.amount:,}".replace(",", "\0").replace(".", decimals).replace("\0", thousands)
    return plain.replace("-", "\u2212")


def _rate(line: Line, language: str) -> str:
    assert line.rate is not None, "the caller looked"
    percent = format((line.rate * 100).normalize(), "f")
    return f"{percent.replace('.', SEPARATORS[language][1])}\u00a0%"


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
