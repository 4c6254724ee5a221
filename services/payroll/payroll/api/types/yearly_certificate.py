"""What an employer certifies of a worker's year."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from commons.graphql import Money, WithParent, attribute, batched, record, ref
from payroll.api.loaders import boxes_by_code
from payroll.api.types.entity import Entity
from payroll.api.types.wage import LawSource
from payroll.rows import CertificateBoxRow, EntityRef, MemberRef, YearlyCertificateRow

if TYPE_CHECKING:
    from payroll.api.types.member import Member


@record(CertificateBoxRow)
class CertificateBox:
    """One box of the country's statement: its code there, or the house's name for it, and the year's sum."""

    code: str
    label: str = batched(boxes_by_code, key="code", rule=WithParent())
    amount: Money


@record(YearlyCertificateRow)
class YearlyCertificate:
    """The wages of a calendar year as the country's statement names them, summed from the payslips.

    It says what is known today: `yearOver` tells whether more can come. Unless `shapeVerified`, its boxes
    were not read in the authority's own description.
    """

    member: Annotated[Member, strawberry.lazy("payroll.api.types.member")] = ref(MemberRef, "member_id")
    entity: Entity = ref(EntityRef, "entity_id")
    year: int
    format: str
    shape_verified: bool = attribute(
        "is_shape_verified", description="Whether its boxes were read in the authority's description."
    )
    year_over: bool = attribute("is_year_over", description="Whether the year is over for the employer.")
    payslips: int
    first_day: date
    last_day: date
    gross_wage: Money
    net_payable: Money
    boxes: list[CertificateBox]
    source: LawSource
