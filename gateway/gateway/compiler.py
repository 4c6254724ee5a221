"""Turns a plan into one function: no interpretation of the plan or the document is left for the request.

The types of the answers are made from the client's document, so that decoding an answer validates and
projects it, and encoding writes it in the client's order. What the compiler does not know is refused when it
compiles (`NotCompiled`), and an answer that does not fit its type is handed over when it comes (`Miss`): the
general executor answers in both cases.

This file finds out which fetch fills which place; `generator.py` writes the function.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode, parse

from gateway.generator import ClassTest, CompiledPlan, Entities, Generator, Place, Required, Step
from gateway.operations import Operation
from gateway.plan import (
    BatchFetch,
    Condition,
    Elements,
    Fetch,
    Field,
    Flatten,
    Parallel,
    Path,
    PlanNode,
    RequiredField,
    RequiredFragment,
    Requirement,
    Rewrite,
    Sequence,
    SetValue,
    TypenameEquals,
)
from gateway.positions import NotCompiled, Shape, Slot, Tree, Variant, list_levels, selections_below
from gateway.projection import FragmentMap, collect
from gateway.supergraph import PublicSchema

# The root object is made by us, not by a fetch.
ROOT_CREATOR = -1


def compile_plan(operation: Operation, variables: Mapping[str, Any]) -> CompiledPlan:
    """Compiles the operation's plan for these values of its condition variables; raises `NotCompiled`."""
    assert operation.plan is not None, "there is a plan to compile"
    kind = operation.schema.schema.get_root_type(operation.definition.operation)
    assert kind is not None, "the operation was validated"
    tree = Tree(operation.schema, operation.fragments, variables)
    root = tree.shape(kind, [operation.definition.selection_set])
    root.creator = ROOT_CREATOR
    reader = _Reader(operation.schema, variables, root)
    waves = [[reader.step(node) for node in wave] for wave in _waves(operation.plan.node, variables)]
    return Generator(operation.schema, root).generated(waves)


def _waves(node: PlanNode | None, variables: Mapping[str, Any]) -> list[list[Fetch | Flatten | BatchFetch]]:
    """The calls that can be made at the same time, wave by wave."""
    match node:
        case None:
            return []
        case Fetch() | BatchFetch() | Flatten():
            return [[node]]
        case Sequence(nodes=nodes):
            return [wave for child in nodes for wave in _waves(child, variables)]
        case Parallel(nodes=nodes):
            together: list[list[Fetch | Flatten | BatchFetch]] = []
            for child in nodes:
                for place, wave in enumerate(_waves(child, variables)):
                    if place == len(together):
                        together.append([])
                    together[place].extend(wave)
            return together
        case Condition():
            clause = node.if_clause if variables.get(node.condition) else node.else_clause
            return _waves(clause, variables)
    raise NotCompiled(type(node).__name__.lower())


class _Reader:
    """Reads the calls in their order: what one gives, a later one may require."""

    def __init__(self, schema: PublicSchema, variables: Mapping[str, Any], root: Shape) -> None:
        self._schema = schema
        self._variables = variables
        self._root = root

    def step(self, node: Fetch | Flatten | BatchFetch) -> Step:
        """What a call gives and what it requires."""
        if isinstance(node, Flatten):
            fetch = node.node
            assert isinstance(fetch, Fetch), "read_plan refuses anything else"
            fields, fragments = _entity_fields(fetch)
            if fetch.outputs:
                raise NotCompiled("output_rewrites")
            found = Entities("_entities", "representations")
            self._entities(
                found, (node.target,), fetch.requires, fetch.inputs, fields, fragments, fetch.number
            )
            return Step(fetch, [found])
        if isinstance(node, BatchFetch):
            fields, fragments = _entity_fields(node)
            step = Step(node, [])
            for alias in node.entity_batch.aliases:
                if alias.outputs:
                    raise NotCompiled("output_rewrites")
                found = Entities(alias.alias, alias.representations_variable_name)
                self._entities(
                    found, alias.targets, alias.requires, alias.inputs, fields, fragments, node.number
                )
                step.entities.append(found)
            return step
        if node.outputs:
            raise NotCompiled("output_rewrites")
        definition, fragments = _parsed(node.operation)
        self._assign(self._root.variants[0], [definition.selection_set], fragments, node.number)
        return Step(node, [])

    def _entities(
        self,
        found: Entities,
        paths: tuple[Path, ...],
        requires: list[Requirement],
        inputs: tuple[Rewrite, ...],
        fields: Mapping[str, SelectionSetNode],
        fragments: FragmentMap,
        fetch: int,
    ) -> None:
        if found.key not in fields:
            raise NotCompiled("entities_field")
        for path in paths:
            place = self._place(path, requires)
            if place is None:
                continue
            place.tag = self._tag(place.variant, inputs)
            place.required = self._required(place.variant, requires)
            self._assign(place.variant, [fields[found.key]], fragments, fetch)
            found.places.append(place)

    def _assign(
        self, variant: Variant, selection_sets: list[SelectionSetNode], fragments: FragmentMap, fetch: int
    ) -> None:
        """Notes what a fetch selects for a type: slots of the client, or spare keys."""
        nodes: dict[str, list[FieldNode]] = {}
        for key, node in collect(variant.type.name, selection_sets, fragments, self._variables, self._schema):
            nodes.setdefault(key, []).append(node)
        for key, same in nodes.items():
            name = same[0].name.value
            if name == "__typename":
                if key == "__typename":
                    variant.typename_from.add(fetch)
                continue
            slot = variant.slots.get(key)
            if slot is None:
                if key in variant.spare:
                    raise NotCompiled("given_twice")
                variant.spare[key] = (name, fetch)
                continue
            if slot.name != name:
                raise NotCompiled("alias")
            if slot.given_by is not None:
                raise NotCompiled("given_twice")
            slot.given_by = fetch
            if slot.below is not None:
                slot.below.creator = fetch
                for possible in slot.below.variants:
                    self._assign(possible, selections_below(same), fragments, fetch)
                    if slot.below.is_abstract and fetch not in possible.typename_from:
                        raise NotCompiled("no_typename")

    def _required(self, variant: Variant, requires: list[Requirement]) -> list[Required]:
        """The keys of a representation and where their values are."""
        creator = variant.shape.creator
        found: dict[str, Required] = {}
        has_typename = False
        for requirement in self._flat(requires, variant):
            if requirement.name == requirement.key == "__typename":
                has_typename = True
                continue
            slot = variant.required(requirement.name)
            if slot is None or slot.name == "__typename" or slot.given_by is None:
                raise NotCompiled("hidden_requirement")
            if requirement.key in found:
                raise NotCompiled("required_twice")
            slot.is_chained = slot.is_chained or slot.given_by != creator
            below = self._required_below(slot.below, requirement.selections) if slot.below is not None else []
            found[requirement.key] = Required(requirement.key, slot, below, requirement.selections)
        if not has_typename or creator not in variant.typename_from:
            raise NotCompiled("no_typename")
        if not variant.shape.is_abstract and "__typename" not in variant.slots:
            # The object's own word on its type is checked: a wrong one must not find another entity.
            variant.spare["__typename"] = ("__typename", creator if creator is not None else ROOT_CREATOR)
            variant.required("__typename")
        return list(found.values())

    def _required_below(self, shape: Shape, requires: list[Requirement]) -> list[tuple[str, Slot]]:
        if shape.is_abstract:
            raise NotCompiled("abstract_requirement")
        variant = shape.variants[0]
        found: list[tuple[str, Slot]] = []
        for requirement in self._flat(requires, variant):
            slot = variant.slots.get(requirement.name)
            if slot is None or slot.below is not None or slot.given_by != shape.creator:
                raise NotCompiled("nested_helper")
            if slot.name == "__typename" or slot.is_helper:
                raise NotCompiled("nested_helper")
            found.append((requirement.key, slot))
        return found

    def _tag(self, variant: Variant, inputs: tuple[Rewrite, ...]) -> str:
        tag = variant.type.name
        for rewrite in inputs:
            match rewrite:
                case SetValue(path=(TypenameEquals(names=names), "__typename"), value=value):
                    if any(self._schema.is_subtype(tag, name) for name in names):
                        tag = value
                case _:
                    raise NotCompiled("input_rewrites")
        return tag

    def _place(self, path: Path, requires: list[Requirement]) -> Place | None:
        """The position that a path leads to and how to walk there; nothing if no object can be there."""
        variants = self._root.variants
        lists: list[bool] = []
        walk = _Walk()
        for segment in path:
            match segment:
                case Field(key=key):
                    holding = [variant for variant in variants if _leads_on(variant, key)]
                    if lists or (not holding and any(key in variant.spare for variant in variants)):
                        raise NotCompiled("hidden_target")
                    if len(holding) > 1:
                        raise NotCompiled("path_over_types")
                    if not holding:
                        return None
                    walk.only(holding[0])
                    slot = holding[0].slots[key]
                    assert slot.below is not None, "the key leads on"
                    walk.field(slot)
                    lists, variants = list_levels(slot.kind), slot.below.variants
                case Elements():
                    if not lists:
                        return None
                    walk.each(lists.pop(0))
                case _:
                    while lists:
                        walk.each(lists.pop(0))
                    names = segment.names
                    variants = [
                        variant
                        for variant in variants
                        if any(self._schema.is_subtype(variant.type.name, name) for name in names)
                    ]
        while lists:
            walk.each(lists.pop(0))
        variants = [variant for variant in variants if self._applies(requires, variant)]
        if not variants:
            return None
        if len(variants) > 1:
            raise NotCompiled("several_types")
        walk.only(variants[0])
        return Place(variants[0], walk.clauses, walk.current, walk.steps)

    def _applies(self, requires: list[Requirement], variant: Variant) -> bool:
        return any(
            isinstance(requirement, RequiredField)
            or (
                isinstance(requirement, RequiredFragment)
                and self._schema.is_subtype(variant.type.name, requirement.type_condition)
            )
            for requirement in requires
        )

    def _flat(self, requires: list[Requirement], variant: Variant) -> Iterator[RequiredField]:
        for requirement in requires:
            if isinstance(requirement, RequiredField):
                yield requirement
            elif isinstance(requirement, RequiredFragment) and self._schema.is_subtype(
                variant.type.name, requirement.type_condition
            ):
                yield from self._flat(requirement.selections, variant)


class _Walk:
    """From the root to the targets: the clauses of a comprehension, and the same as steps for error paths."""

    def __init__(self) -> None:
        self.clauses: list[str | ClassTest] = []
        self.steps: list[tuple[Any, ...]] = []
        self.current = "r"
        self._count = 0

    def field(self, slot: Slot) -> None:
        """Goes down into a field."""
        self._enter(f"({self.current}.{slot.attribute},)", slot.is_nullable)
        self.steps.append(("field", slot.attribute, slot.key))

    def each(self, is_nullable: bool) -> None:
        """Goes through a list."""
        self._enter(self.current, is_nullable)
        self.steps.append(("each",))

    def only(self, variant: Variant) -> None:
        """Keeps the objects of one type of an abstract position."""
        if variant.shape.is_abstract:
            self.clauses.append(ClassTest(self.current, variant))
            self.steps.append(("class", variant))

    def _enter(self, source: str, is_nullable: bool) -> None:
        self._count += 1
        self.current = f"x{self._count}"
        self.clauses.append(f"for {self.current} in {source}")
        if is_nullable:
            self.clauses.append(f"if {self.current} is not None")


def _leads_on(variant: Variant, key: str) -> bool:
    slot = variant.slots.get(key)
    return slot is not None and slot.below is not None


def _parsed(text: str) -> tuple[OperationDefinitionNode, FragmentMap]:
    definitions = parse(text, no_location=True).definitions
    [definition] = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    return definition, {
        node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
    }


def _entity_fields(node: Fetch | BatchFetch) -> tuple[dict[str, SelectionSetNode], FragmentMap]:
    definition, fragments = _parsed(node.operation)
    fields = {
        (selected.alias or selected.name).value: selected.selection_set
        for selected in definition.selection_set.selections
        if isinstance(selected, FieldNode) and selected.selection_set is not None
    }
    return fields, fragments
