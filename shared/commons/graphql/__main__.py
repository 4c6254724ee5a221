"""Write the files that show a schema: `python -m commons.graphql invoicing services/invoicing`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from commons.graphql.permissions import permission_table, permissions_markdown
from commons.graphql.schema import Schema, print_schema


def main(arguments: list[str]) -> int:
    """Write `schema.graphql` and `permissions.md` of a service into its folder."""
    service, folder = arguments[0], Path(arguments[1])
    schema = importlib.import_module(f"{service}.api.schema").schema
    assert isinstance(schema, Schema), f"{service}.api.schema.schema is made by build_schema"
    (folder / "schema.graphql").write_text(print_schema(schema), encoding="utf-8")
    table = permissions_markdown(service, permission_table(schema))
    (folder / "permissions.md").write_text(table, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
