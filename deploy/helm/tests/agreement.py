"""Layer 3, too: what values must agree on with the code and with the law, which no chart can know."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from commons.consumer import topics_of
from commons.country import load_country
from commons.events import load_consumers

SOME_DAY: Final = date(2026, 6, 1)
CONTROL: Final = "control.v1"


def with_the_code(values: Mapping[str, Any]) -> Iterator[str]:
    """Each service is granted the topics that its code reads and writes, and no others."""
    for service, own in values.get("topology", {}).get("services", {}).items():
        read, written = topics_read(service) - {CONTROL}, topics_written(service)
        for topic in sorted(set(own["consumes"]) - read):
            yield f"{service} would be granted {topic}, which its code does not read"
        for topic in sorted(read - set(own["consumes"])):
            yield f"{service} reads {topic}, which is not among what it consumes"
        for topic in sorted(set(own["publishes"]) - written):
            yield f"{service} would be granted {topic}, which its code does not write"
        for topic in sorted(written - set(own["publishes"])):
            yield f"{service} writes {topic}, which is not among what it publishes"


def with_the_law(country: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Backups stay in the regions that the country allows."""
    if "backup" not in values:
        return
    region = values["backup"]["region"]
    allowed = load_country(country).section("country")["backup_regions"].on(SOME_DAY)["regions"]
    assert isinstance(allowed, list), "the law lists them"
    if region not in allowed:
        yield f"the backups of {country} may lie in {', '.join(allowed)}, and not in {region}"


def topics_read(service: str) -> set[str]:
    """The topics that a service's consumers name, without the country."""
    handlers = load_consumers(importlib.import_module(f"{service}.consumers"))
    return {name.removeprefix("be.") for name in topics_of(handlers, "be")}


def topics_written(service: str) -> set[str]:
    """The topics of the events that a service declares, without the country."""
    published = importlib.import_module(f"{service}.events.published")
    return {
        f"{service}.v1"
        for each in vars(published).values()
        if isinstance(each, type) and each.__module__ == published.__name__ and hasattr(each, "aggregate")
    }
