"""Writes the function of a compiled plan. `python -m gateway --explain <document>` shows one."""

from __future__ import annotations

import collections.abc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from graphql import GraphQLList, GraphQLNonNull
from msgspec import UNSET, UnsetType

from gateway import compiled
from gateway.errors import ErrorBody, Origin
from gateway.executor import Answers, Call, Wave, encode, represent_nested
from gateway.plan import BatchFetch, Fetch, Requirement, Retry
from gateway.positions import (
    NotCompiled,
    Shape,
    Slot,
    Types,
    Variant,
    list_of,
    literal,
    not_given,
    nullable,
    union,
)
from gateway.supergraph import PublicSchema


@dataclass(frozen=True, slots=True)
class CompiledPlan:
    """A plan as one function, of the same shape as the general executor; `source` is its text, for people."""

    source: str
    run: Callable[
        [Mapping[str, Any], Origin], collections.abc.Generator[Wave, Answers, tuple[bytes, list[ErrorBody]]]
    ]


class ClassTest(NamedTuple):
    """A clause that keeps the objects of one type."""

    current: str
    variant: Variant


class Required(NamedTuple):
    """One key of a representation: a slot, with the slots below it, or with selections of plain JSON."""

    key: str
    slot: Slot
    below: list[tuple[str, Slot]]
    selections: list[Requirement]


@dataclass(slots=True)
class Place:
    """Where targets are, how to walk there, and what their representations hold."""

    variant: Variant
    clauses: list[str | ClassTest]
    last: str
    steps: list[tuple[Any, ...]]
    tag: str = ""
    required: list[Required] = field(default_factory=list)


@dataclass(slots=True)
class Entities:
    """One `_entities` field of a call."""

    key: str
    variable: str
    places: list[Place] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """One call. Without entities it is a root fetch."""

    node: Fetch | BatchFetch
    entities: list[Entities]


class Generator:
    """Writes the text line by line.

    Names in it: `c` call, `a` answer, `d` data, `t` targets, `k` keys, `u` distinct keys, `l` entities, each
    with the number of its node; `r` is the root of the answer.
    """

    def __init__(self, schema: PublicSchema, root: Shape) -> None:
        self._schema = schema
        self._root = root
        self._types = Types()
        self._lines: list[str] = []
        self._converter_lines: list[str] = []
        self._converters: dict[Shape, str] = {}
        self._count = 0
        self._names: dict[str, Any] = {
            "Call": Call,
            "UNSET": UNSET,
            "encode": encode,
            "encode_deterministic": compiled.encode_deterministic,
            "represent_nested": represent_nested,
            **{
                name: getattr(compiled, name)
                for name in ("Aliased", "entity_answer", "given_up", "may_retry", "root_answer", "used")
            },
        }

    def generated(self, waves: list[list[Step]]) -> CompiledPlan:
        """The function that runs the waves."""
        root = self._root.variants[0]
        self._write(1, f"r = {self._constant('Root', self._types.output(root))}()", "errors = []")
        for wave in waves:
            self._wave(wave)
        for wave in waves:
            for step in wave:
                self._clean(step)
        self._write(1, "return encode(r), errors")
        head = ["def run(variables, origin):", "    if False: yield"]
        source = "\n".join([*self._converter_lines, *head, *self._lines, ""])
        exec(compile(source, "<compiled plan>", "exec"), self._names)  # noqa: S102  # text of our own making
        return CompiledPlan(source, self._names["run"])

    def _wave(self, wave: list[Step]) -> None:
        for step in wave:
            if step.entities:
                self._entity_call(step)
            else:
                self._write(1, f"c{step.node.number} = {self._root_call(step)}")
        numbers = [step.node.number for step in wave]
        if any(step.entities for step in wave):
            calls = ", ".join(f"c{number}" for number in numbers)
            self._write(1, f"wave = tuple([call for call in ({calls},) if call is not None])")
            self._write(1, "answers = iter((yield wave)) if wave else None")
            for number in numbers:
                self._write(1, f"if c{number} is not None: a{number} = next(answers)")
        else:
            answers = ", ".join(f"a{number}" for number in numbers)
            calls = ", ".join(f"c{number}" for number in numbers)
            self._write(1, f"{answers}, = yield ({calls},)")
        for step in wave:
            if step.entities:
                self._entity_answer(step)
            else:
                self._root_answer(step)

    # ------------------------------------------------------------------------------------------ root fetches

    def _root_call(self, step: Step) -> str:
        node = step.node
        assert isinstance(node, Fetch), "a batch is never at the root"
        retry = "False" if node.retry is None else "True"
        if node.retry is not None and node.retry != Retry(()):
            retry = f"may_retry(variables, {node.retry.variables!r})"
        if node.variable_usages:
            names = tuple(node.variable_usages)
            body = f"{self._constant('Head', _head(node))} + encode(used(variables, {names!r})) + b'}}'"
        else:
            body = self._constant("Body", _head(node) + b"{}}")
        return f"Call({node.number}, {node.service_name!r}, {body}, False, {retry})"

    def _root_answer(self, step: Step) -> None:
        number = step.node.number
        given = self._root.variants[0].given(number)
        fields = [(slot.attribute, slot.key, self._types.of_slot(slot), ...) for slot in given]
        strangers = not_given([self._root.variants[0]], number)
        decode = self._decoder(self._types.struct([*fields, *strangers]))
        arguments = f"{decode}, a{number}, {step.node.service_name!r}, origin, errors"
        self._write(1, f"d{number} = root_answer({arguments})")
        self._write(1, f"if d{number} is None:")
        self._block(2, _given_up("r", given))
        self._write(1, "else:")
        self._block(
            2,
            [
                f"r.{slot.attribute} = {self._converted(slot, f'd{number}.{slot.attribute}')}"
                for slot in given
            ],
        )

    # --------------------------------------------------------------------------------------- entity fetches

    def _entity_call(self, step: Step) -> None:
        node = step.node
        lists: dict[str, str] = {}
        for order, entities in enumerate(step.entities):
            name = f"{node.number}_{order}"
            self._write(1, f"k{name} = []")
            for at, place in enumerate(entities.places):
                self._write(1, f"t{name}_{at} = [{place.last} {self._clauses(place)}]")
                self._write(1, f"k{name} += [{self._representation(place)} for t in t{name}_{at}]")
            self._write(1, f"u{name} = dict.fromkeys(k{name})")
            lists.setdefault(entities.variable, name)
        parts = " + b',' + ".join(
            f"b'\"{variable}\":[' + b','.join(u{name}) + b']'" for variable, name in lists.items()
        )
        rest = "b'}}'"
        if node.variable_usages:
            names = tuple(node.variable_usages)
            self._write(1, f"v{node.number} = encode(used(variables, {names!r}))")
            rest = f"(b',' + v{node.number}[1:] if len(v{node.number}) > 2 else b'}}') + b'}}'"
        head = self._constant("Head", _head(node) + b"{")
        call = f"Call({node.number}, {node.service_name!r}, {head} + {parts} + {rest}, True, True)"
        self._write(1, f"c{node.number} = {call} if {' or '.join(f'u{n}' for n in lists.values())} else None")

    def _clauses(self, place: Place) -> str:
        return " ".join(
            clause
            if isinstance(clause, str)
            else f"if {clause.current}.__class__ is "
            f"{self._constant('Made', self._types.output(clause.variant))}"
            for clause in place.clauses
        )

    def _representation(self, place: Place) -> str:
        """An expression of the encoded representation of `t`: the same bytes for equal ones."""
        if len(place.required) == 1 and place.required[0].slot.is_text:
            [required] = place.required
            head = encode({"__typename": place.tag})[:-1] + b"," + encode(required.key) + b":"
            return f"{self._constant('Rep', head)} + encode(t.{required.slot.attribute}) + b'}}'"
        parts = [f"'__typename': {place.tag!r}"]
        for required in place.required:
            value = f"t.{required.slot.attribute}"
            if required.slot.below is not None:
                value = self._nested(value, nullable(required.slot.kind), required.below)
            elif required.selections:
                selections = self._constant("Requires", required.selections)
                value = f"represent_nested({selections}, {value}, {self._constant('Schema', self._schema)})"
            parts.append(f"{required.key!r}: {value}")
        return f"encode_deterministic({{{', '.join(parts)}}})"

    def _nested(self, value: str, kind: Any, below: list[tuple[str, Slot]]) -> str:
        if isinstance(kind, GraphQLList):
            item = self._name("y")
            inner = self._nested(item, nullable(kind.of_type), below)
            return f"(None if {value} is None else [{inner} for {item} in {value}])"
        parts = ", ".join(f"{key!r}: {value}.{slot.attribute}" for key, slot in below)
        return f"(None if {value} is None else {{{parts}}})"

    def _entity_answer(self, step: Step) -> None:
        number = step.node.number
        fields: list[tuple[str, str, Any, Any]] = []
        for order, entities in enumerate(step.entities):
            fields.append((f"e{order}", entities.key, self._entities_type(entities, number), ...))
        decode = self._decoder(self._types.struct(fields))
        aliased = ", ".join(
            f"Aliased({entities.key!r}, k{number}_{order}, u{number}_{order},"
            f" {self._constant('Steps', self._steps(entities))})"
            for order, entities in enumerate(step.entities)
        )
        arguments = f"{decode}, a{number}, {step.node.service_name!r}, origin, errors, r, ({aliased},)"
        self._write(1, f"if c{number} is not None:")
        self._write(2, f"d{number} = entity_answer({arguments})")
        for order, entities in enumerate(step.entities):
            self._distributed(entities, number, f"{number}_{order}", f"d{number}.e{order}")

    def _distributed(self, entities: Entities, fetch: int, name: str, source: str) -> None:
        given = [place.variant.given(fetch) for place in entities.places]
        self._write(2, f"l{name} = None if d{fetch} is None else {source}")
        self._write(2, f"if l{name} is None:")
        for at, slots in enumerate(given):
            self._write(3, f"for t in t{name}_{at}:")
            self._block(4, _given_up("t", slots))
        if not entities.places:
            self._write(3, "pass")
            return
        self._write(2, f"elif len(l{name}) < len(u{name}): given_up('short_list')")
        self._write(2, "else:")
        dirty = [(order, slot) for order, slot in enumerate(given[0]) if slot.is_dirty]
        if dirty:
            self._write(3, f"for e in l{name}:")
            self._write(4, "if e is None: continue")
            self._write(4, *(f"e.g{order} = {self._converted(slot, f'e.g{order}')}" for order, slot in dirty))
        self._write(3, f"if len(u{name}) != len(k{name}):")
        self._write(4, f"found = dict(zip(u{name}, l{name}))")
        self._write(4, f"l{name} = [found[key] for key in k{name}]")
        self._write(3, f"each = iter(l{name})")
        for at, slots in enumerate(given):
            self._write(3, f"for t, e in zip(t{name}_{at}, each):")
            self._write(4, "if e is None:")
            self._block(5, _given_up("t", slots))
            self._write(4, "else:")
            self._block(5, [f"t.{slot.attribute} = e.g{order}" for order, slot in enumerate(slots)])

    def _entities_type(self, entities: Entities, fetch: int) -> Any:
        variants = [place.variant for place in entities.places]
        kinds = {self._entity_type(variant, variants, fetch) for variant in variants}
        is_dirty = any(slot.is_dirty for place in entities.places for slot in place.variant.given(fetch))
        if len(kinds) > 1 or (is_dirty and len(entities.places) > 1):
            raise NotCompiled("batch_types")
        return union(list_of(union(kinds.pop(), None)), None) if kinds else Any

    def _entity_type(self, variant: Variant, together: list[Variant], fetch: int) -> Any:
        fields: list[tuple[str, str, Any, Any]] = [
            (f"g{order}", slot.key, self._types.of_slot(slot), ...)
            for order, slot in enumerate(variant.given(fetch))
        ]
        if fetch in variant.typename_from:
            fields.append(("type_name", "__typename", literal(variant.type.name), ...))
        else:
            fields.append(("type_name", "__typename", UnsetType, UNSET))
        return self._types.struct([*fields, *not_given(together, fetch)])

    def _steps(self, entities: Entities) -> tuple[tuple[compiled.Step, ...], ...]:
        return tuple(
            tuple(
                compiled.Step("class", made=self._types.output(step[1]))
                if step[0] == "class"
                else compiled.Step(*step)
                for step in place.steps
            )
            for place in entities.places
        )

    def _clean(self, step: Step) -> None:
        """Takes the helpers out again, so that nothing that the client did not ask for can leak."""
        for order, entities in enumerate(step.entities):
            for at, place in enumerate(entities.places):
                helpers = [slot.attribute for slot in place.variant.slots.values() if slot.is_helper]
                if helpers:
                    unset = " = ".join(f"t.{attribute}" for attribute in helpers)
                    self._write(1, f"for t in t{step.node.number}_{order}_{at}: {unset} = UNSET")

    # ------------------------------------------------------------ from what was decoded to what is encoded

    def _converted(self, slot: Slot, value: str) -> str:
        if slot.below is None or not slot.is_dirty:
            return value
        return self._converted_value(slot.kind, slot.below, value)

    def _converted_value(self, kind: Any, below: Shape, value: str) -> str:
        check = "" if isinstance(kind, GraphQLNonNull) else f"None if {value} is None else "
        inner = nullable(kind)
        if isinstance(inner, GraphQLList):
            item = self._name("y")
            return f"({check}[{self._converted_value(inner.of_type, below, item)} for {item} in {value}])"
        return f"({check}{self._converter(below)}({value}))"

    def _converter(self, shape: Shape) -> str:
        known = self._converters.get(shape)
        if known is not None:
            return known
        name = self._converters[shape] = self._name("convert")
        lines = [f"def {name}(x):", "    kind = x.__class__"]
        for variant in shape.whole:
            given = variant.given(shape.creator)
            if shape.is_abstract:
                tagged = self._constant("Tagged", self._types.tagged(variant))
                made = self._constant("Made", self._types.output(variant))
                values = ", ".join(f"{s.attribute}={self._converted(s, f'x.{s.attribute}')}" for s in given)
                lines.append(f"    if kind is {tagged}: return {made}({values})")
            else:
                for slot in given:
                    if slot.is_dirty:
                        value = self._converted(slot, f"x.{slot.attribute}")
                        lines.append(f"    x.{slot.attribute} = {value}")
                lines.append("    return x")
        if shape.is_abstract:
            lines.append("    given_up('type')")
        self._converter_lines.extend(lines)
        return name

    # ----------------------------------------------------------------------------------------------- writing

    def _write(self, depth: int, *lines: str) -> None:
        self._lines.extend("    " * depth + line for line in lines)

    def _block(self, depth: int, lines: list[str]) -> None:
        self._write(depth, *(lines or ["pass"]))

    def _decoder(self, data: Any) -> str:
        envelope = self._types.struct(
            [("data", "data", union(data, None, UnsetType), UNSET), ("errors", "errors", Any, None)]
        )
        return self._constant("decode", msgspec.json.Decoder(envelope).decode)

    def _constant(self, kind: str, value: Any) -> str:
        name = self._name(kind)
        self._names[name] = value
        return name

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"


def _given_up(target: str, given: list[Slot]) -> list[str]:
    """What becomes of the slots of a fetch that gave nothing: null, or the general executor's matter."""
    if any(not slot.is_helper and not slot.is_nullable for slot in given):
        return ["given_up('null_in_non_null')"]
    if any(slot.is_chained for slot in given):
        return ["given_up('nothing_to_go_on')"]
    return [f"{target}.{slot.attribute} = None" for slot in given if not slot.is_helper]


def _head(node: Fetch | BatchFetch) -> bytes:
    """The request's body up to its variables."""
    body: dict[str, Any] = {"query": node.operation}
    if node.operation_name is not None:
        body["operationName"] = node.operation_name
    return encode(body)[:-1] + b',"variables":'
