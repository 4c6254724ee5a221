"""Whatever is asked of payroll, it answers in order and keeps nothing of what it refuses."""

from __future__ import annotations

from uuid import UUID

from tests.an_office import Office

from commons.database import Pools
from commons.testing.api import AskedApi, attack_api
from payroll.api.schema import schema


async def test_no_input_breaks_the_service_or_is_kept_when_it_is_refused(
    api: AskedApi, pools: Pools, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    await office.active_contract(entity, who)
    await attack_api(api, schema, pools)
