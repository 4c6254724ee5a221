"""Whatever is asked of the assembly, it answers in order and keeps nothing of what it refuses."""

from __future__ import annotations

from tests.an_assembly import BOARD, CONVENE, Assembly, an_item

from commons.database import Pools
from commons.testing.api import AskedApi, attack_api
from governance.api.schema import schema


async def test_no_input_breaks_the_service_or_is_kept_when_it_is_refused(
    api: AskedApi, pools: Pools, assembly: Assembly
) -> None:
    await api.ask(CONVENE, who=BOARD, entity=assembly.entity_id, agenda=[an_item()])
    await attack_api(api, schema, pools)
