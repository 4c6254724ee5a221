from __future__ import annotations

from uuid import UUID

import pytest
from tests.an_office import Office

from commons.events import NotYet
from commons.uuid7 import uuid7
from payroll.consumers.wage_funded import wage_funded
from payroll.events.consumed import WageFunded


async def test_the_funding_of_an_unknown_payslip_waits(office: Office, entity: UUID) -> None:
    funded = WageFunded.model_validate(
        {
            "payslip_id": uuid7(),
            "entity_id": entity,
            "source": "collection",
            "amount": {"minor": "1", "currency": "EUR"},
            "funded_on": "2026-08-08",
        }
    )
    with pytest.raises(NotYet):
        await office.run(lambda ctx: wage_funded(ctx, funded))
