"""Say which parameters of the law were not checked for a day: `python -m commons.law 2027-01-15`."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime

from commons.country import Country, CountryDataWrong, Parameter, country_codes, load_country
from commons.dated import ValueNotInForce

ALL_CHECKED, SOME_STALE, NOT_ANSWERED = 0, 1, 2


def sentences(country: Country, day: date) -> list[str]:
    """One sentence for each parameter that is stale on a day, the oldest first."""
    stale = sorted(
        country.stale_on(day), key=lambda parameter: (parameter.checked_until_on(day), parameter.path)
    )
    return [
        f"{country.name}: {parameter.path} was checked until {parameter.checked_until_on(day)}, "
        f"not for {day} (source: {_source(parameter, day)})."
        for parameter in stale
    ]


def invented_sentences(country: Country) -> list[str]:
    """One sentence for each parameter that no source gives, or gives for some of its days only."""
    return [_invented(country, parameter) for parameter in country.invented()]


def main(arguments: list[str]) -> int:
    """Print the stale and the invented parameters of every country.

    The status is 1 where one is stale, and 2 where the day or a country's file cannot be read.
    """
    try:
        day = date.fromisoformat(arguments[0]) if arguments else datetime.now(UTC).date()
    except ValueError:
        sys.stderr.write(f"{arguments[0][:40]} is no day; write one like DAY=2027-01-15.\n")
        return NOT_ANSWERED
    try:
        countries = [load_country(code) for code in country_codes()]
    except CountryDataWrong as faults:
        sys.stderr.write(f"{faults}\n")
        return NOT_ANSWERED
    stale = [sentence for country in countries for sentence in sentences(country, day)]
    for sentence in stale:
        sys.stdout.write(sentence + "\n")
    for country in countries:
        invented = invented_sentences(country)
        for sentence in invented:
            sys.stdout.write(sentence + "\n")
        count = len(list(country.all_parameters()))
        sys.stdout.write(f"{country.name}: {count} parameters, {len(invented)} of them invented.\n")
    sys.stdout.write(f"{len(stale)} parameters are past the day they were checked until ({day}).\n")
    if not stale:
        return ALL_CHECKED
    sys.stdout.write(
        f"Exit status {SOME_STALE} says that: nothing is broken, but look each source up for {day} and write "
        "the value, or the new checked_until, into the country's file.\n"
    )
    return SOME_STALE


def _source(parameter: Parameter, day: date) -> str:
    try:
        return parameter.source_on(day)
    except ValueNotInForce:
        return parameter.source


def _invented(country: Country, parameter: Parameter) -> str:
    spans = parameter.invented_spans()
    sources = "; ".join(dict.fromkeys(parameter.source_of(span.value) for span in spans))
    days = ""
    if len(spans) < len(parameter.values.spans):
        days = f" (its value since {', '.join(str(span.since) for span in spans)})"
    return (
        f"{country.name}: {parameter.path}{days} is invented (source: {sources}): "
        "confirm with a source before members depend on it."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
