"""A service's GraphQL: what may be asked, by whom, and which capability answers, declared on one line."""

from commons.arguments import Between, Items, Node, Text
from commons.graphql.entities import entity
from commons.graphql.nested import batched
from commons.graphql.permissions import Permission, permission_table, permissions_markdown
from commons.graphql.records import (
    Connection,
    Money,
    PageInfo,
    Ref,
    Refusal,
    attribute,
    enum,
    guarded,
    interface,
    money,
    node_id,
    record,
    ref,
)
from commons.graphql.request import Request
from commons.graphql.roots import root, root_mutation
from commons.graphql.rules import AllOf, AnyOf, Anyone, Own, OwnArgument, Role, Rule, SignedIn, WithParent
from commons.graphql.schema import Schema, build_schema, print_schema
from commons.graphql.signature import SchemaFault

__all__ = [
    "AllOf",
    "AnyOf",
    "Anyone",
    "Between",
    "Connection",
    "Items",
    "Money",
    "Node",
    "Own",
    "OwnArgument",
    "PageInfo",
    "Permission",
    "Ref",
    "Refusal",
    "Request",
    "Role",
    "Rule",
    "Schema",
    "SchemaFault",
    "SignedIn",
    "Text",
    "WithParent",
    "attribute",
    "batched",
    "build_schema",
    "entity",
    "enum",
    "guarded",
    "interface",
    "money",
    "node_id",
    "permission_table",
    "permissions_markdown",
    "print_schema",
    "record",
    "ref",
    "root",
    "root_mutation",
]
