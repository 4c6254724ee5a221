"""Published strictly, read leniently, with committed schemas and examples that code and readers agree with."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, ValidationError

from commons.events import (
    Consumed,
    ContractBroken,
    Handler,
    Published,
    check_events,
    check_readers,
    consumes,
    incompatibilities,
    load_consumers,
    main,
    schema_of,
    write_schemas,
)
from commons.money import Money
from commons.tests import example_consumers
from commons.uuid7 import uuid7


class Color(Enum):
    RED = "red"


class Line(BaseModel):
    text: str
    price: Money


class OrderPlaced(Published):
    """An order with one field of every kind."""

    service: ClassVar[str] = "shop"
    aggregate: ClassVar[str] = "Order"
    order_id: UUID
    total: Money
    placed_on: date
    placed_at: datetime
    rate: Decimal
    quantity: int
    paid: bool
    color: Color
    kind: Literal["first", "second"]
    lines: list[Line]
    note: str | None = None


class SalesOrderClosed(Published):
    """An order was closed."""

    service: ClassVar[str] = "shop"
    version: ClassVar[int] = 2
    aggregate: ClassVar[str] = "SalesOrder"
    sales_order_id: UUID


class OrderRead(Consumed):
    """An order, as somebody else reads it."""

    type: ClassVar[str] = "shop.OrderPlaced.v1"
    order_id: UUID
    total: Money


async def order_placed(ctx: Any, event: OrderRead) -> None:
    """Read it."""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("shop_published")
    for event in (OrderPlaced, SalesOrderClosed):
        monkeypatch.setattr(event, "__module__", "shop_published")
        setattr(module, event.__name__, event)
    monkeypatch.setitem(sys.modules, "shop_published", module)
    return module


NAME = "quantity"


def an_order(**changes: Any) -> OrderPlaced:
    values: dict[str, Any] = {
        "order_id": uuid7(),
        "total": Money(93_500, "EUR"),
        "placed_on": date(2026, 6, 15),
        "placed_at": datetime(2026, 6, 15, 9, 30, tzinfo=UTC),
        "rate": Decimal("0.065"),
        "quantity": 2,
        "paid": False,
        "color": Color.RED,
        "kind": "first",
        "lines": [Line(text="a line", price=Money(1, "HUF"))],
    }
    return OrderPlaced(**{**values, **changes})


def test_money_travels_as_whole_minor_units_in_text_and_days_as_iso() -> None:
    body = an_order().body()
    assert body["total"] == {"minor": "93500", "currency": "EUR"}
    assert body["lines"] == [{"text": "a line", "price": {"minor": "1", "currency": "HUF"}}]
    assert (body["placed_on"], body["placed_at"]) == ("2026-06-15", "2026-06-15T09:30:00Z")
    assert (body["rate"], body["color"], body["note"]) == ("0.065", "red", None)


def test_what_is_written_can_be_read_again() -> None:
    order = an_order()
    assert OrderPlaced.model_validate(json.loads(json.dumps(order.body()))) == order
    assert OrderRead.model_validate(order.body()).total == Money(93_500, "EUR")


@pytest.mark.parametrize(
    "total",
    [
        935,
        "935.00",
        {"minor": 93_500, "currency": "EUR"},
        {"minor": "935.00", "currency": "EUR"},
        {"minor": "1", "currency": "XXX"},
        {"minor": "1"},
    ],
)
def test_money_in_another_form_is_refused(total: Any) -> None:
    with pytest.raises(ValidationError):
        OrderRead.model_validate({"order_id": str(uuid7()), "total": total})


def test_the_publisher_is_strict_and_the_reader_lenient() -> None:
    body = {**an_order().body(), "more": 1}
    with pytest.raises(ValidationError):
        OrderPlaced.model_validate(body)
    assert OrderRead.model_validate(body).order_id
    with pytest.raises(ValidationError, match="frozen"):
        setattr(an_order(), NAME, 3)


def test_an_event_knows_its_type_and_its_aggregate() -> None:
    closed = SalesOrderClosed(sales_order_id=uuid7())
    assert SalesOrderClosed.type() == "shop.SalesOrderClosed.v2"
    assert closed.aggregate_id == closed.sales_order_id


def test_schemas_and_examples_are_written_and_agree_with_the_code(module: ModuleType, tmp_path: Path) -> None:
    write_schemas(module, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "OrderPlaced.v1.example.json",
        "OrderPlaced.v1.json",
        "SalesOrderClosed.v2.example.json",
        "SalesOrderClosed.v2.json",
    ]
    check_events(module, tmp_path)
    schema = json.loads((tmp_path / "OrderPlaced.v1.json").read_text())
    assert schema["properties"]["total"]["properties"]["minor"]["type"] == "string"
    assert schema["additionalProperties"] is False


def test_a_difference_between_file_and_code_is_told(module: ModuleType, tmp_path: Path) -> None:
    write_schemas(module, tmp_path)
    (tmp_path / "OrderPlaced.v1.json").write_text("{}")
    (tmp_path / "SalesOrderClosed.v2.example.json").write_text('{"sales_order_id": "1"}')
    (tmp_path / "Leftover.v1.json").write_text("{}")
    with pytest.raises(ContractBroken) as broken:
        check_events(module, tmp_path)
    for part in (
        "OrderPlaced.v1.json differs",
        "SalesOrderClosed.v2.example.json:",
        "Leftover.v1.json belongs to no",
    ):
        assert part in str(broken.value)
    assert main(["shop_published", str(tmp_path), "--check"]) == 1
    assert main(["shop_published", str(tmp_path)]) == 0


def test_an_example_written_by_hand_is_kept(module: ModuleType, tmp_path: Path) -> None:
    by_hand = json.dumps({"sales_order_id": str(uuid7())})
    (tmp_path / "SalesOrderClosed.v2.example.json").write_text(by_hand)
    write_schemas(module, tmp_path)
    assert (tmp_path / "SalesOrderClosed.v2.example.json").read_text() == by_hand


def test_every_reader_understands_the_publishers_committed_examples(
    module: ModuleType, tmp_path: Path
) -> None:
    write_schemas(module, tmp_path / "shop" / "events")

    class Demanding(Consumed):
        type: ClassVar[str] = "shop.SalesOrderClosed.v2"
        reason: str

    handlers = {OrderRead.type: Handler(OrderRead, order_placed)}
    assert check_readers(handlers, [tmp_path]) == []
    assert check_readers({"bank.Paid.v1": Handler(OrderRead, order_placed)}, [tmp_path]) == ["bank.Paid.v1"]
    with pytest.raises(ContractBroken, match=r"cannot read SalesOrderClosed\.v2\.example\.json"):
        check_readers({Demanding.type: Handler(Demanding, order_placed)}, [tmp_path])


def test_only_an_added_optional_field_is_compatible() -> None:
    old = schema_of(SalesOrderClosed)

    class Next(SalesOrderClosed):
        """The next form."""

        note: str | None = None

    class Demanding(SalesOrderClosed):
        reason: str

    class Changed(Published):
        service: ClassVar[str] = "shop"
        aggregate: ClassVar[str] = "SalesOrder"
        sales_order_id: int
        line: Line

    assert incompatibilities(old, schema_of(Next)) == []
    assert incompatibilities(old, schema_of(Demanding)) == ["reason is newly required"]
    assert incompatibilities(schema_of(Next), old) == ["note is gone"]
    assert "sales_order_id changed" in incompatibilities(old, schema_of(Changed))
    assert incompatibilities(schema_of(Changed), schema_of(Changed)) == []


def test_a_package_has_one_consumer_a_file_with_its_name() -> None:
    handlers = load_consumers(example_consumers)
    assert {type: handler.name for type, handler in handlers.items()} == {
        "invoicing.EntityRegistered.v1": "entity_registered",
        "shop.SaleMade.v1": "sale_made",
    }


HEAD = """
from typing import ClassVar
from commons.events import Consumed, consumes

class OrderRead(Consumed):
    type: ClassVar[str] = "shop.OrderPlaced.v1"
"""


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"nothing.py": "x = 1"}, "found 0"),
        (
            {"other.py": "{head}\n@consumes(OrderRead)\nasync def order_placed(ctx, event): ..."},
            "is named order_placed",
        ),
        (
            {
                "a.py": "{head}\n@consumes(OrderRead)\nasync def a(ctx, event): ...\n@consumes(OrderRead)\nasync def b(ctx, event): ..."
            },
            "found 2",
        ),
        (
            {
                name: f"{{head}}\n@consumes(OrderRead)\nasync def {name[0]}(ctx, event): ..."
                for name in ("a.py", "b.py")
            },
            "already has a consumer",
        ),
    ],
)
def test_a_package_of_another_shape_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], reason: str
) -> None:
    name = f"consumers_{uuid7().hex}"
    package = tmp_path / name
    package.mkdir()
    (package / "__init__.py").write_text("")
    for file, text in files.items():
        (package / file).write_text(text.replace("{head}", HEAD))
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ContractBroken, match=reason):
        load_consumers(__import__(name))


def test_the_mark_does_not_change_the_function() -> None:
    assert consumes(OrderRead)(order_placed) is order_placed
