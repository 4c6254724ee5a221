"""Whatever is asked of the register, it answers in order and keeps nothing of what it refuses."""

from __future__ import annotations

from uuid import UUID

from commons import global_id
from commons.claims import Claims
from commons.database import Pools
from commons.testing.api import AskedApi, attack_api
from members.api.schema import schema

APPLY = """
mutation ($entity: ID!) {
  applyForMembership(entityId: $entity, givenName: "Ana", familyName: "Lambert", email: "ana@example.org",
                     birthDate: "1990-04-01", language: "fr") { ... on Member { id } }
}
"""


async def test_no_input_breaks_the_service_or_is_kept_when_it_is_refused(
    api: AskedApi, pools: Pools, entity: UUID
) -> None:
    await api.ask(APPLY, who=Claims(subject="ana"), entity=global_id.encode("BE", "Entity", entity))
    await attack_api(api, schema, pools)
