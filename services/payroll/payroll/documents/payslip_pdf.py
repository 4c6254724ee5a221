"""The payslip as a PDF in the member's language: every line with base, rate, amount and source."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import typst

from commons.money import Money
from payroll.documents.payslip_words import DAYS, SEPARATORS, WORDS
from payroll.domain.law import Words
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
    """What stands on a payslip beside its lines; rows are printed as they are, one below the other.

    `own_words` are those that the country has for its payslips instead of the language's, `decimals` how many
    its amounts show where they are whole; all that the currency has where nothing is said.
    """

    employer_name: str
    employer_rows: tuple[str, ...]
    worker_name: str
    worker_rows: tuple[str, ...]
    reference: str
    first_day: date
    last_day: date
    due_date: date
    is_simulated: bool = False
    own_words: Mapping[str, Words] = field(default_factory=dict)
    decimals: int | None = None


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
    print_ = _Print(language, _words(header, language), header.decimals)
    words = print_.words
    return {
        "language": language,
        "words": words,
        "title": f"{words['payslip']} {header.reference}",
        "period": f"{print_.day(header.first_day)} – {print_.day(header.last_day)}",
        "employer": {"name": header.employer_name, "rows": header.employer_rows},
        "worker": {"name": header.worker_name, "rows": header.worker_rows},
        "facts": [
            {"name": words["reference"], "value": header.reference},
            {"name": words["paid_on"], "value": print_.day(header.due_date)},
        ],
        "groups": print_.groups(payslip),
        "net_payable": show_money(payslip.net_payable, language, header.decimals),
        "has_invented": any(line.is_invented for line in payslip.lines),
        "remarks": [remark.words.get(language, "") for remark in payslip.remarks],
        "simulated": header.is_simulated,
        "fingerprint": payslip.fingerprint[:16],
        "engine_version": payslip.engine_version,
    }


def _words(header: PayslipHeader, language: str) -> Words:
    own = {word: texts[language] for word, texts in header.own_words.items() if language in texts}
    return {**WORDS[language], **own}


@dataclass(frozen=True, slots=True)
class _Print:
    """How one payslip writes its words, amounts and days."""

    language: str
    words: Words
    decimals: int | None

    def groups(self, payslip: Payslip) -> list[Mapping[str, object]]:
        """The lines by what they do, each group with its total where it has one."""
        totals = {"wage": ("net_wage", payslip.net_wage), "employer": ("labor_cost", payslip.labor_cost)}
        groups: list[Mapping[str, object]] = []
        for name, kinds in _GROUPS:
            rows = [self.row(line) for line in payslip.lines if line.kind in kinds]
            if not rows:
                continue
            total = None
            if name in totals:
                word, amount = totals[name]
                shown = show_money(amount, self.language, self.decimals)
                total = {"label": self.words[word], "amount": shown}
            groups.append({"title": self.words[name], "rows": rows, "total": total})
        return groups

    def row(self, line: Line) -> Mapping[str, object]:
        """One line, with where its figure stands."""
        source = self.words["contract_source"] if line.kind is Kind.EARNING else ""
        if line.source is not None:
            source = f"{line.source.text} ({self.words['since']} {self.day(line.source.since)})"
        return {
            "label": line.label.get(self.language, line.code),
            "base": "" if line.base is None else self.amount(line.base),
            "rate": "" if line.rate is None else _rate(line.rate, self.language),
            "amount": self.amount(line.amount),
            "source": source,
            "invented": line.is_invented,
        }

    def amount(self, money: Money) -> str:
        """An amount of a line."""
        return show_amount(money, self.language, self.decimals)

    def day(self, day: date) -> str:
        """A day as the language writes it."""
        return day.strftime(DAYS[self.language])


def show_money(money: Money, language: str, decimals: int | None = None) -> str:
    """An amount with its currency, as the language writes numbers."""
    return f"{show_amount(money, language, decimals)}\u00a0{money.currency}"


def show_amount(money: Money, language: str, decimals: int | None = None) -> str:
    """An amount without its currency, as the language writes numbers, with decimals as `Money.written`."""
    whole, _, fraction = money.written(decimals).partition(".")
    thousands, point = SEPARATORS[language]
    grouped = f"{int(whole):,}".replace(",", thousands)
    sign = "\u2212" if money.is_negative else ""
    return f"{sign}{grouped.lstrip('-')}{point if fraction else ''}{fraction}"


def _rate(rate: Decimal, language: str) -> str:
    percent = format((rate * 100).normalize(), "f")
    return f"{percent.replace('.', SEPARATORS[language][1])}\u00a0%"
