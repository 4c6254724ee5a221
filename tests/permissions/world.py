"""Which ids the questions name: rows that a played story left behind, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from commons.database import Connection
from commons.global_id import encode
from commons.uuid7 import uuid7

ROWS_MAX: Final = 5_000
_KEYED: Final = """
select c.table_name as name
from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'public' and c.column_name = 'id' and c.data_type = 'uuid' and t.table_type = 'BASE TABLE'
order by c.table_name
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A row of some table: its key and the keys that it names."""

    table: str
    key: UUID
    named: Mapping[str, UUID]


class World:
    """The rows of all services, each with its owner, and one of each type to ask about."""

    def __init__(self, rows: Iterable[Found], *, country: str, member: UUID, entity: UUID) -> None:
        self._rows = list(rows)
        self._country = country
        self._member = member
        self._entity = entity
        self._owners = self._owners_of_rows()

    @classmethod
    async def read(
        cls, connections: Iterable[Connection], *, country: str, member: UUID, entity: UUID
    ) -> World:
        """The world as the databases of the services have it."""
        rows = []
        for db in connections:
            for table in await db.fetch(_KEYED):
                name = table["name"]
                found = await db.fetch(f'select * from "{name}" limit {ROWS_MAX}')  # noqa: S608  (the catalog's own names)
                rows += [Found(name, row["id"], _keys(dict(row))) for row in found]
        return cls(rows, country=country, member=member, entity=entity)

    def key_of(self, type_name: str) -> UUID | None:
        """A row of a type: the member's own, else one of the entity, else any; None where there is none."""
        if type_name in ("Member", "Entity"):
            return self._member if type_name == "Member" else self._entity
        rows = [row for row in self._rows if _is_table_of(row.table, type_name)]
        rows.sort(
            key=lambda row: (
                self._owners.get(row.key) != self._member,
                row.named.get("entity_id") != self._entity,
                row.key,  # the oldest: the one that most has happened to
            )
        )
        return rows[0].key if rows else None

    def has(self, type_name: str) -> bool:
        """Whether there is a row to ask about."""
        return self.key_of(type_name) is not None

    def is_owned(self, type_name: str) -> bool:
        """Whether the row that is asked about is the member's own."""
        key = self.key_of(type_name)
        return key == self._member or (key is not None and self._owners.get(key) == self._member)

    def real(self, type_name: str) -> str:
        """The id of a row that exists, as far as one does."""
        return encode(self._country, type_name, self.key_of(type_name) or uuid7())

    def nothing(self, type_name: str) -> str:
        """An id that nobody has."""
        return encode(self._country, type_name, uuid7())

    def hidden(self, type_names: Iterable[str]) -> frozenset[str]:
        """The ids of everything that is the member's."""
        keys = {row.key for row in self._rows if self._owners.get(row.key) == self._member} | {self._member}
        return frozenset(encode(self._country, name, key) for name in type_names for key in keys)

    def _owners_of_rows(self) -> dict[UUID, UUID]:
        """Whose each row is: the member it names, else whose the thing is that it names."""
        owners = {row.key: row.named["member_id"] for row in self._rows if "member_id" in row.named}
        for _ in range(3):
            for row in self._rows:
                for column, key in row.named.items():
                    if column not in ("entity_id", "buyer_id") and row.key not in owners and key in owners:
                        owners[row.key] = owners[key]
        return owners


def _keys(row: Mapping[str, Any]) -> dict[str, UUID]:
    return {
        name: UUID(str(value))
        for name, value in row.items()
        if name != "id" and name.endswith("_id") and isinstance(value, UUID)
    }


def _is_table_of(table: str, type_name: str) -> bool:
    noun = re.sub(r"(?<!^)(?=[A-Z])", "_", type_name).lower()
    return table == noun or table == f"sales_{noun}"
