"""The committed supergraph is what the services' schemas compose to, and keeps the rules of federation."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    parse,
)

from gateway.compose import FILES, SCHEMA_FOLDER, CompositionFailed, compose, differences, service_schemas
from gateway.config import SERVICES
from gateway.testing import invoicing, members

ROOTS = ("Query", "Mutation", "Subscription")


def _schemas() -> dict[str, Path]:
    schemas = service_schemas()
    if not schemas:
        pytest.skip("not run: no service has a schema.graphql yet")
    return schemas


def test_the_committed_supergraph_is_what_the_services_compose_to(node: str) -> None:
    schemas = _schemas()
    absent = [name for name in FILES if not (SCHEMA_FOLDER / name).is_file()]
    assert not absent, f"run python -m gateway compose: {sorted(schemas)} have schemas, {absent} are absent"
    assert differences() == [], "run python -m gateway compose"


def test_the_committed_files_name_no_address() -> None:
    _schemas()
    supergraph = (SCHEMA_FOLDER / "supergraph.graphql").read_text()
    assert 'url: "http' not in "".join(line for line in supergraph.splitlines() if "join__graph(" in line)


def test_every_service_uses_the_version_that_composition_knows() -> None:
    for name, file in _schemas().items():
        assert "/federation/v2.9" in file.read_text(), f"{name}: federation_version must be 2.9"


def test_a_field_that_another_service_adds_to_an_entity_may_be_null() -> None:
    """One service that is down must not take another's objects with it."""
    wrong = _fields_that_must_be_nullable(
        {name: parse(file.read_text()) for name, file in _schemas().items()}
    )
    assert wrong == []


def test_the_rule_finds_a_field_that_breaks_it() -> None:
    owner = parse('type Member @key(fields: "id") { id: ID! name: String! born: String! }')
    other = parse('type Member @key(fields: "id") { id: ID! credit: Int! note: Int }')
    assert _fields_that_must_be_nullable({"members": owner, "invoicing": other}) == [
        "invoicing: Member.credit"
    ]


def test_an_entity_that_a_service_only_mentions_is_not_resolvable_there() -> None:
    """Otherwise the planner asks that service for it."""
    wrong = [
        f"{name}: {kind.name.value}"
        for name, file in _schemas().items()
        for kind in _entities(parse(file.read_text()))
        if len(kind.fields or ()) == 1
        and not any("resolvable" in _argument_names(key) for key in _keys(kind))
    ]
    assert wrong == []


def test_schemas_that_do_not_fit_together_are_refused(node: str, tmp_path: Path) -> None:
    (tmp_path / "one.graphql").write_text(members.schema.as_str())
    (tmp_path / "two.graphql").write_text(
        invoicing.schema.as_str().replace("message: String!", "message: Int!")
    )
    with pytest.raises(CompositionFailed, match=r"Refusal\.message"):
        compose({"members": tmp_path / "one.graphql", "invoicing": tmp_path / "two.graphql"}, tmp_path)
    with pytest.raises(CompositionFailed):
        compose({}, tmp_path)


def test_the_public_schema_shows_nothing_internal(supergraph: Path) -> None:
    api = (supergraph.parent / "api.graphql").read_text()
    assert "type Member {" in api
    assert "join__" not in api
    assert "_entities" not in api
    assert "__schema" not in api


def test_the_gateway_knows_the_five_services() -> None:
    assert SERVICES == ("members", "invoicing", "payroll", "guarantee", "governance")


def _entities(document: DocumentNode) -> list[ObjectTypeDefinitionNode | ObjectTypeExtensionNode]:
    return [
        node
        for node in document.definitions
        if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode)
        and node.name.value not in ROOTS
        and _keys(node)
    ]


def _keys(kind: ObjectTypeDefinitionNode | ObjectTypeExtensionNode) -> list[ConstDirectiveNode]:
    return [directive for directive in kind.directives or () if directive.name.value == "key"]


def _argument_names(directive: ConstDirectiveNode) -> list[str]:
    return [argument.name.value for argument in directive.arguments or ()]


def _fields_that_must_be_nullable(documents: dict[str, DocumentNode]) -> list[str]:
    """The owner of an entity is the service with most of its fields; all others may only add nullable ones."""
    sizes: dict[str, dict[str, int]] = {}
    for service, document in documents.items():
        for kind in _entities(document):
            sizes.setdefault(kind.name.value, {})[service] = len(kind.fields or ())
    wrong = []
    for service, document in documents.items():
        for kind in _entities(document):
            owners = sizes[kind.name.value]
            if service == max(owners, key=lambda name: owners[name]):
                continue
            keys = {str(key.arguments[0].value.to_dict()["value"]) for key in _keys(kind) if key.arguments}
            wrong += [
                f"{service}: {kind.name.value}.{field.name.value}"
                for field in kind.fields or ()
                if isinstance(field.type, NonNullTypeNode)
                and field.name.value not in " ".join(keys).split()
                and not any(d.name.value == "external" for d in field.directives or ())
            ]
    return wrong
