"""Say which parameters of the law were not checked for a day: `python -m commons.law 2027-01-15`."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime

from commons.country import Country, country_codes, load_country


def sentences(country: Country, day: date) -> list[str]:
    """One sentence for each parameter that is stale on a day, the oldest first."""
    stale = sorted(country.stale_on(day), key=lambda parameter: (parameter.checked_until, parameter.path))
    return [
        f"{country.name}: {parameter.path} was checked until {parameter.checked_until}, "
        f"not for {day} (source: {parameter.source})."
        for parameter in stale
    ]


def main(arguments: list[str]) -> int:
    """Print the stale and the invented parameters of every country; exit 1 where one is stale."""
    day = date.fromisoformat(arguments[0]) if arguments else datetime.now(UTC).date()
    countries = [load_country(code) for code in country_codes()]
    stale = [sentence for country in countries for sentence in sentences(country, day)]
    for sentence in stale:
        sys.stdout.write(sentence + "\n")
    for country in countries:
        count, invented = len(list(country.all_parameters())), [found.path for found in country.invented()]
        names = ", ".join(invented) or "none"
        sys.stdout.write(f"{country.name}: {count} parameters, {len(invented)} of them invented: {names}.\n")
    sys.stdout.write(f"{len(stale)} parameters are past the day they were checked until ({day}).\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
