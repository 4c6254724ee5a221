"""In which region of its country an employer is established, where the law of the regions differs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from payroll.domain.errors import EstablishmentRegionUnknown
from payroll.domain.law import PayrollLaw

_RULE: Final = "establishment_region"


@dataclass(frozen=True, slots=True)
class Establishment:
    """The region, by its name in the country's data, and whether it was taken from the address alone."""

    region: str | None = None
    is_region_assumed: bool = False


def check_region(region: str, law: PayrollLaw, day: date) -> None:
    """Refuse a region that the country's data does not name. Raises EstablishmentRegionUnknown."""
    known = regions(law, day)
    if region not in known:
        raise EstablishmentRegionUnknown(known=list(known)).at("region")


def regions(law: PayrollLaw, day: date) -> tuple[str, ...]:
    """The regions of a country; none where its law asks for none."""
    rule = law.find(_RULE, day)
    return () if rule is None else tuple(sorted({row["region"] for row in rule.rows("post_codes")}))


def establishment(
    told: str | None, post_code: str, law: PayrollLaw, day: date, *, must_be_confirmed: bool
) -> Establishment:
    """Where an employer is established: as it told, else as the post code of its address says.

    A region that neither says is not known, and what the law grants by region is not claimed. In production
    a post code says nothing as long as nobody confirmed what the country's data makes of it.
    """
    rule = law.find(_RULE, day)
    if rule is None:
        return Establishment()
    if told is not None:
        return Establishment(told)
    if must_be_confirmed and rule.source.needs_confirmation:
        return Establishment()
    for row in rule.rows("post_codes"):
        if row["from"] <= post_code <= row["to"] and len(post_code) == len(row["from"]):
            return Establishment(row["region"], is_region_assumed=True)
    return Establishment()
