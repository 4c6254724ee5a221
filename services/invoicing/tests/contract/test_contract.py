from pathlib import Path

from commons.testing import prepare_every_statement
from commons.testing.api import assert_committed_permissions, assert_committed_schema
from commons.testing.clean_room import import_alone
from commons.testing.contract import assert_committed_events, assert_readers_read
from invoicing import consumers
from invoicing.api.schema import schema
from invoicing.events import published

SERVICE = Path(__file__).resolve().parents[2]
ROOT = SERVICE.parents[1]


def test_the_committed_schema_is_what_the_code_says() -> None:
    assert_committed_schema(schema, SERVICE / "schema.graphql")


def test_the_committed_permission_table_is_what_the_code_says() -> None:
    assert_committed_permissions(schema, "invoicing", SERVICE / "permissions.md")


def test_every_published_event_has_its_committed_schema_and_example() -> None:
    assert_committed_events(published, SERVICE / "events")


def test_every_consumer_reads_what_its_publisher_committed() -> None:
    assert_readers_read(consumers, ROOT / "services")


async def test_every_statement_prepares_on_the_real_database(database_url: str) -> None:
    assert await prepare_every_statement(database_url, SERVICE / "invoicing" / "sql") > 0


def test_the_service_imports_with_its_own_requirements_alone(tmp_path: Path) -> None:
    modules = ["invoicing.app", "invoicing.api.schema", "invoicing.consumers.order_covered", "commons.worker"]
    assert import_alone(SERVICE, ROOT / "shared", modules, tmp_path) == ""
