"""The one page a story leaves: who did what when, the documents, and where the money went."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from tests.e2e.drawing import Part, Step, balance, flow
from tests.e2e.told import CHAPTERS, Document, Entry, Told

PAGE_FOLDER = "story"
TEMPLATE = Path(__file__).parent / "page.html.jinja"
_KINDS = {
    "ENDOWMENT": "the cooperative endows the fund",
    "CONTRIBUTION": "its part of the invoice's contribution",
    "ADVANCE": "it advances the wage",
    "RECOVERY": "the client has paid: the advance is back",
}


def write_page(told: Told, folder: Path) -> Path:
    """Write `index.html` and the documents beside it; nothing on the page comes from elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    for document in told.documents:
        (folder / document.file).write_bytes(document.content)
    page = folder / "index.html"
    page.write_text(render(told), encoding="utf-8")
    return page


def render(told: Told) -> str:
    """The page as HTML."""
    parts, steps = euros_of_the_invoice(told), steps_of_the_fund(told)
    total = amount_at(told.facts.invoice, "totalWithVat")
    payslip, invoice = told.facts.paid_payslip, told.facts.paid_invoice
    return _template().render(
        told=told,
        total=total,
        parts=parts,
        steps=steps,
        flow=Markup(flow(total, parts)),  # noqa: S704  (drawn here, its texts escaped)
        balance=Markup(balance(steps, _last_day(told))),  # noqa: S704  (the same)
        days=_by_day(told.timeline),
        documents=[_shown(document) for document in told.documents],
        net=amount_at(payslip, "netPayable"),
        paid_on=payslip["paidOn"],
        invoice=invoice,
        resolution=told.facts.meeting["resolutions"][0],
        payslip=payslip,
        chapters=CHAPTERS,
    )


def euros_of_the_invoice(told: Told) -> list[Part]:
    """What the total of the invoice with VAT is made of, to the cent."""
    invoice, payslip = told.facts.invoice, told.facts.payslip
    gross, net = amount_at(payslip, "grossWage"), amount_at(payslip, "netPayable")
    cost = amount_at(payslip, "laborCost")
    contribution = amount_at(invoice, "contribution")
    budget = amount_at(invoice, "totalWithoutVat") - contribution
    return [
        Part("VAT", amount_at(invoice, "totalVat"), "vat", "to the state, 21 % on top of the price"),
        Part("Contribution", contribution, "contribution", "6.5 % of the price, shared by all members"),
        Part(
            "Employer’s cost",
            cost - gross,
            "employer",
            "contributions of the employer and insurance, priced by a coefficient",
            mark="invented here",
        ),
        Part(
            "Tax, contributions",
            gross - net,
            "withheld",
            "of the worker: social security and tax withheld at the source",
        ),
        Part("Net wage", net, "net", "on the member’s account"),
        Part(
            "Left to spend",
            budget - cost,
            "remainder",
            "may be spent on the activity’s next contract or expense",
        ),
    ]


def steps_of_the_fund(told: Told) -> list[Step]:
    """Every movement of the fund's money, oldest first."""
    last = told.facts.funds[max(told.facts.funds)]
    return [
        Step(
            day=date.fromisoformat(movement["day"]),
            kind=_KINDS.get(movement["kind"], movement["kind"].lower()),
            amount=amount_at(movement, "amount"),
            balance=amount_at(movement, "balanceAfter"),
        )
        for movement in sorted(last["movements"], key=lambda one: one["day"])
    ]


def amount_at(facts: dict[str, Any], name: str) -> Decimal:
    """An amount among facts."""
    return Decimal(facts[name]["amount"])


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class _Shown:
    file: str
    title: str
    media_type: str
    size: str
    sha256: str


def _by_day(timeline: Sequence[Entry]) -> list[_Day]:
    days: list[_Day] = []
    for entry in timeline:
        if not days or days[-1].day != entry.day:
            days.append(_Day(entry.day, []))
        days[-1].entries.append(entry)
    return days


def _last_day(told: Told) -> date:
    return date.fromisoformat(told.facts.meeting["minutes"]["writtenOn"])


def _shown(document: Document) -> _Shown:
    return _Shown(
        file=document.file,
        title=document.title,
        media_type=document.media_type.partition(";")[0],
        size=f"{len(document.content) / 1024:,.1f} KiB",
        sha256=document.sha256 or hashlib.sha256(document.content).hexdigest(),
    )


def _short_day(day: date | str) -> str:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.day}\N{NO-BREAK SPACE}{day:%B}"


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["euros"] = lambda number: f"{Decimal(number):,.2f} EUR"
    environment.filters["signed"] = lambda number: f"{number:+,.2f} EUR".replace("-", "\N{MINUS SIGN}")
    environment.filters["short"] = _short_day
    environment.filters["day"] = lambda day: f"{day:%A} {day.day} {day:%B %Y}"
    environment.filters["words"] = lambda name: name.replace("_", " ")
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
