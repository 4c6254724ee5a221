"""Facts between services: strict when published, tolerant when read, with committed schemas and examples."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import MappingProxyType, ModuleType, NoneType, UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from commons.money import Money

if TYPE_CHECKING:
    from commons.context import Ctx

JsonSchema = dict[str, Any]


class Published(BaseModel):
    """A fact this service announces. Subclasses are named noun + past participle and are never changed.

    An optional field may be added to a version; anything else is a new `version`. `aggregate` is the kind of
    thing it is about; `aggregate_id` which one. The parts of one aggregate arrive in order everywhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: ClassVar[str]
    version: ClassVar[int] = 1
    aggregate: ClassVar[str]

    @property
    def aggregate_id(self) -> UUID:
        """The id of the thing it is about, by which its events are ordered.

        By default the field named after the aggregate: `invoice_id` for `Invoice`.
        """
        key: UUID = getattr(self, f"{_snake(self.aggregate)}_id")
        return key

    @classmethod
    def type(cls) -> str:
        """Its name on the wire: `invoicing.InvoiceIssued.v1`."""
        return f"{cls.service}.{cls.__name__}.v{cls.version}"

    def body(self) -> dict[str, Any]:
        """Its JSON form: money as minor units in text, days and instants in ISO 8601."""
        return self.model_dump(mode="json")


class Consumed(BaseModel):
    """A fact of another service, with only the fields that this reader uses."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]


class NotYet(Exception):
    """Raised by a consumer or a deadline that needs what has not arrived: it is tried again soon."""


class ContractBroken(Exception):
    """Published events, their committed files and their readers do not agree; one sentence a line."""


E = TypeVar("E", bound=Consumed)
Consume = Callable[["Ctx[Any]", E], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Handler:
    """A consumer: the event it reads and the function that acts on it."""

    model: type[Consumed]
    handle: Callable[[Ctx[Any], Any], Awaitable[None]]

    @property
    def name(self) -> str:
        """The name of its function."""
        return str(getattr(self.handle, "__name__", "consumer"))


def consumes(
    model: type[E],
) -> Callable[[Callable[[Any, E], Awaitable[None]]], Callable[[Any, E], Awaitable[None]]]:
    """Make a function the consumer of an event. It runs inside the transaction that remembers the event."""

    def mark(handle: Callable[[Any, E], Awaitable[None]]) -> Callable[[Any, E], Awaitable[None]]:
        setattr(handle, _MARK, model)
        return handle

    return mark


def load_consumers(package: ModuleType) -> Mapping[str, Handler]:
    """The handlers of a package by the type they read: one file, one consumer, the same name.

    A handler that a file imports counts where the file has none of its own. Raises ContractBroken.
    """
    handlers: dict[str, Handler] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        handler = _only_handler(module, info.name)
        if handler.model.type in handlers:
            raise ContractBroken(f"{module.__name__}: {handler.model.type} already has a consumer")
        handlers[handler.model.type] = handler
    return MappingProxyType(handlers)


def _only_handler(module: ModuleType, name: str) -> Handler:
    marked = [value for value in vars(module).values() if inspect.isfunction(value) and hasattr(value, _MARK)]
    own = [function for function in marked if function.__module__ == module.__name__] or marked
    if len(own) != 1:
        raise ContractBroken(f"{module.__name__}: one consumer a file, found {len(own)}")
    if own[0].__name__ != name:
        raise ContractBroken(f"{module.__name__}: its consumer is named {own[0].__name__}")
    return Handler(getattr(own[0], _MARK), own[0])


_MARK: Final = "consumed_model"


# --- schemas and examples -----------------------------------------------------------------------------------


def published_events(module: ModuleType) -> list[type[Published]]:
    """The events a module declares, by name."""
    return sorted(
        (
            value
            for value in vars(module).values()
            if inspect.isclass(value) and issubclass(value, Published) and value.__module__ == module.__name__
        ),
        key=lambda event: event.type(),
    )


def schema_of(event: type[Published]) -> JsonSchema:
    """The JSON Schema (2020-12) of an event's body."""
    schema = event.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": event.type(), **schema}


def write_schemas(module: ModuleType, folder: Path) -> list[Path]:
    """Write `<Name>.v<n>.json` for every event, and an example where there is none yet; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for event in published_events(module):
        schema_file, example_file = _files(event, folder)
        written.append(_write(schema_file, schema_of(event)))
        if not example_file.exists():
            written.append(_write(example_file, _example(event)))
    return written


def check_events(module: ModuleType, folder: Path) -> None:
    """Compare the committed files with the code. Raises ContractBroken with every difference."""
    wrong, known = [], set()
    for event in published_events(module):
        schema_file, example_file = _files(event, folder)
        known |= {schema_file.name, example_file.name}
        if not schema_file.exists() or json.loads(schema_file.read_text("utf-8")) != schema_of(event):
            wrong.append(f"{schema_file.name} differs from the code; run make schema")
        try:
            example = json.loads(example_file.read_text("utf-8"))
            if event.model_validate_json(json.dumps(example)).body() != example:
                wrong.append(f"{example_file.name} is not what the event writes")
        except (OSError, ValueError) as error:
            wrong.append(f"{example_file.name}: {error}")
    # An older version's files stay: its example is still read. A file of no event at all is a leftover.
    names = {event.__name__ for event in published_events(module)}
    wrong += [
        f"{file.name} belongs to no event"
        for file in sorted(folder.glob("*.json"))
        if file.name not in known and file.name.split(".")[0] not in names
    ]
    if wrong:
        raise ContractBroken("\n".join(wrong))


def check_readers(handlers: Mapping[str, Handler], folders: list[Path]) -> list[str]:
    """Feed every reader the publishers' committed examples; the types that no publisher has an example of.

    Raises ContractBroken where a reader cannot read one.
    """
    unread, wrong = [], []
    for type_name, handler in handlers.items():
        service, _, name = type_name.partition(".")
        found = [
            file
            for folder in folders
            if (file := folder / service / "events" / f"{name}.example.json").exists()
        ]
        if not found:
            unread.append(type_name)
        for file in found:
            try:
                handler.model.model_validate_json(file.read_bytes())
            except ValueError as error:
                wrong.append(f"{handler.name} cannot read {file.name}: {error}")
    if wrong:
        raise ContractBroken("\n".join(wrong))
    return unread


def incompatibilities(old: JsonSchema, new: JsonSchema) -> list[str]:
    """What a reader of the old schema could stumble over in the new one: all but an added optional field."""
    problems = []
    for name, old_field in old["properties"].items():
        if name not in new["properties"]:
            problems.append(f"{name} is gone")
        elif _resolved(old, old_field) != _resolved(new, new["properties"][name]):
            problems.append(f"{name} changed")
    was, now = set(old.get("required", ())), set(new.get("required", ()))
    problems += [
        f"{name} is no longer always there" for name in sorted(was - now) if name in new["properties"]
    ]
    problems += [f"{name} is newly required" for name in sorted(now - was)]
    return problems


def _resolved(schema: JsonSchema, part: Any) -> Any:
    if isinstance(part, dict):
        if "$ref" in part:
            return _resolved(schema, schema["$defs"][part["$ref"].rsplit("/", 1)[1]])
        return {
            key: _resolved(schema, value)
            for key, value in part.items()
            if key not in ("title", "description")
        }
    if isinstance(part, list):
        return [_resolved(schema, item) for item in part]
    return part


def _files(event: type[Published], folder: Path) -> tuple[Path, Path]:
    name = f"{event.__name__}.v{event.version}"
    return folder / f"{name}.json", folder / f"{name}.example.json"


def _write(file: Path, value: JsonSchema) -> Path:
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def _example(event: type[Published]) -> JsonSchema:
    numbers = iter(range(1, 10_000))
    values = {
        name: _example_value(field.annotation, name, numbers) for name, field in event.model_fields.items()
    }
    return event.model_validate(values).body()


def _example_value(kind: Any, name: str, numbers: Iterator[int]) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _example_value(next(each for each in arguments if each is not NoneType), name, numbers)
    if origin is Literal:
        return arguments[0]
    if origin in (list, tuple, set, frozenset):
        return [_example_value(arguments[0], name, numbers)]
    if origin is dict:
        return {}
    if inspect.isclass(kind):
        if issubclass(kind, Enum):
            return next(iter(kind))
        if issubclass(kind, BaseModel):
            return {key: _example_value(f.annotation, key, numbers) for key, f in kind.model_fields.items()}
        if kind in _EXAMPLES:
            return _EXAMPLES[kind](name, next(numbers))
    raise ContractBroken(f"write the example of {name} by hand: {kind} has none")


_EXAMPLES: Final[dict[Any, Callable[[str, int], Any]]] = {
    UUID: lambda name, number: UUID(int=0x0199_0000_0000_7000_8000_0000_0000_0000 + number),
    Money: lambda name, number: Money(93_500, "EUR"),
    Decimal: lambda name, number: Decimal("0.065"),
    datetime: lambda name, number: datetime(2026, 6, 15, 9, 30, tzinfo=UTC),
    date: lambda name, number: date(2026, 6, 15),
    bool: lambda name, number: True,
    int: lambda name, number: 1,
    str: lambda name, number: name.replace("_", " "),
}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _money_core_schema(cls: object, source: object, handler: object) -> CoreSchema:
    parts = core_schema.typed_dict_schema(
        {
            "minor": core_schema.typed_dict_field(core_schema.str_schema(pattern=r"^-?[0-9]{1,16}$")),
            "currency": core_schema.typed_dict_field(core_schema.str_schema(pattern=r"^[A-Z]{3}$")),
        },
        extra_behavior="forbid",
    )
    from_parts = core_schema.no_info_after_validator_function(_money_from_parts, parts)
    return core_schema.json_or_python_schema(
        json_schema=from_parts,
        python_schema=core_schema.union_schema([core_schema.is_instance_schema(Money), from_parts]),
        serialization=core_schema.plain_serializer_function_ser_schema(Money.to_event, return_schema=parts),
    )


def _money_from_parts(parts: dict[str, str]) -> Money:
    try:
        return Money.from_event(parts)
    except Exception as error:  # a refusal inside a field is a malformed field
        raise ValueError(str(error)) from error


def _money_json_schema(cls: object, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
    return {
        "type": "object",
        "properties": {
            "minor": {"type": "string", "pattern": "^-?[0-9]{1,16}$"},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        },
        "required": ["minor", "currency"],
        "additionalProperties": False,
    }


# Money itself knows nothing of pydantic, which the read path never loads; events teach it their form here.
for _hook, _function in (
    ("__get_pydantic_core_schema__", _money_core_schema),
    ("__get_pydantic_json_schema__", _money_json_schema),
):
    setattr(Money, _hook, classmethod(_function))


def main(arguments: list[str] | None = None) -> int:
    """`python -m commons.events invoicing.events.published services/invoicing/events [--check]`."""
    parser = argparse.ArgumentParser(prog="python -m commons.events", description=main.__doc__)
    parser.add_argument("module")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    module = importlib.import_module(options.module)
    if not options.check:
        write_schemas(module, options.folder)
        return 0
    try:
        check_events(module, options.folder)
    except ContractBroken as broken:
        sys.stderr.write(f"{broken}\n")
        return 1
    return 0


if __name__ == "__main__":
    # Run as a program this file is `__main__`; the events derive from the module's own classes.
    sys.exit(importlib.import_module("commons.events").main())
