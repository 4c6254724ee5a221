"""`python -m payroll.documents.explain fr 3000.00`: why a wage of a month gives its net, down to the law."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from commons.country import country_codes, load_country
from commons.money import Money
from commons.refusal import Refusal
from payroll.documents.explanation_text import explanation_text
from payroll.domain.allowance import AllowanceLimits
from payroll.domain.contract import regimes
from payroll.domain.engines import engine_of
from payroll.domain.explanation import Total, explanation, traced_payslip
from payroll.domain.facts import Facts, check_facts, situation_of
from payroll.domain.wage import Wage


def main(arguments: list[str] | None = None) -> int:
    """Print both trees; 1 and a sentence where the question is refused."""
    wish = _wish(arguments)
    try:
        text = explained(wish.country, wish.gross, wish.day, wish.regime, wish.language, _facts(wish))
    except Refusal as refusal:
        sys.stderr.write(f"{type(refusal).__name__}: {refusal}\n")
        return 1
    sys.stdout.write(f"{text}\n")
    return 0


def explained(
    code: str, gross: str, day: date, regime: str | None, language: str, told: list[tuple[str, str]]
) -> str:
    """Both trees of a month's gross wage. Raises what the engine raises, MoneyMalformed, FactUnknown."""
    engine = engine_of(load_country(code))
    known = regimes(engine.law, day)
    wages = [each for each in known if AllowanceLimits.find(each, engine.law, day) is None]
    facts: Facts = check_facts(engine.situation_type, told)
    wage = Wage(
        gross=Money.of(gross, engine.law.currency).minor,
        day=day,
        regime=regime or wages[0],
        situation=situation_of(engine.situation_type, facts),
    )
    lines = traced_payslip(engine, wage).lines
    return "\n\n".join(explanation_text(explanation(lines, asked), engine.law, language) for asked in Total)


def _facts(wish: argparse.Namespace) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (told.partition("=") for told in wish.told)]


def _wish(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m payroll.documents.explain", description=__doc__)
    parser.add_argument("country", choices=country_codes())
    parser.add_argument("gross", help="of a full month, in the country's currency: 3000.00")
    parser.add_argument("--day", type=date.fromisoformat, default=date(2026, 9, 30), help="of payment")
    parser.add_argument("--regime", help="of the contract, by the country's own name")
    parser.add_argument("--language", default="en")
    parser.add_argument("--told", action="append", default=[], help="a fact of the worker: children=2")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
