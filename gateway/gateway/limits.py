"""What a document may cost, counted before and after parsing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Lexer,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
)

from gateway.config import Limits
from gateway.errors import Code, RequestRefused

_OPENING = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
_CLOSING = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})


def check_text(text: str, limits: Limits) -> None:
    """Refuses a document by its tokens alone, before anything recurses over it."""
    if len(text) > limits.document_characters_max:
        raise RequestRefused(Code.QUERY_TOO_COSTLY, "The document is too long.")
    lexer = Lexer(Source(text))
    tokens = nesting = directives = 0
    try:
        while (kind := lexer.advance().kind) is not TokenKind.EOF:
            tokens += 1
            if tokens > limits.tokens_max:
                raise RequestRefused(Code.QUERY_TOO_COSTLY, "The document has too many tokens.")
            if kind in _OPENING:
                nesting += 1
                if nesting > limits.nesting_max:
                    raise RequestRefused(Code.QUERY_TOO_DEEP, "The document is nested too deeply.")
            elif kind in _CLOSING:
                nesting -= 1
            elif kind is TokenKind.AT:
                directives += 1
    except GraphQLSyntaxError as failure:
        raise RequestRefused(Code.GRAPHQL_PARSE_FAILED, failure.message) from None
    if directives > limits.directives_max:
        raise RequestRefused(Code.QUERY_TOO_COSTLY, "The document has too many directives.")


class _Cost(NamedTuple):
    depth: int
    fields: int
    aliases: int


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Refuses a parsed document by its depth, fields, aliases and repetitions, with fragments spread out."""
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    costs: dict[str, _Cost | None] = {}
    # Fragments that no operation spreads are counted too: validation walks them all the same.
    for definition in document.definitions:
        if not isinstance(definition, FragmentDefinitionNode | OperationDefinitionNode):
            raise RequestRefused(
                Code.GRAPHQL_VALIDATION_FAILED, "A document holds operations and fragments only."
            )
        cost = _cost(definition.selection_set, fragments, costs)
        if cost.depth > limits.depth_max:
            raise RequestRefused(Code.QUERY_TOO_DEEP, f"The query is deeper than {limits.depth_max} levels.")
        if cost.fields > limits.fields_max:
            raise RequestRefused(
                Code.QUERY_TOO_COSTLY, f"The query has more than {limits.fields_max} fields."
            )
        if cost.aliases > limits.aliases_max:
            raise RequestRefused(
                Code.QUERY_TOO_COSTLY, f"The query has more than {limits.aliases_max} aliases."
            )
        _check_repeats([definition.selection_set], fragments, limits)
        if isinstance(definition, OperationDefinitionNode):
            roots = _direct_fields(definition.selection_set, fragments)
            if len({key for key, _ in roots}) > limits.root_fields_max:
                raise RequestRefused(
                    Code.QUERY_TOO_COSTLY, f"The query has more than {limits.root_fields_max} root fields."
                )


def check_variables(variables: Any, limits: Limits) -> None:
    """Refuses variables that are nested more deeply than any input needs to be."""
    level: list[Any] = [variables]
    for _ in range(limits.variables_depth_max + 1):
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise RequestRefused(Code.BAD_USER_INPUT, "The variables are nested too deeply.")


def _cost(
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    costs: dict[str, _Cost | None],
) -> _Cost:
    depth = fields = aliases = 0
    for node in selections.selections:
        below = _Cost(0, 0, 0)
        if isinstance(node, FieldNode):
            # Introspection is for development only and deeper than any query of ours.
            if node.selection_set is not None and not node.name.value.startswith("__"):
                below = _cost(node.selection_set, fragments, costs)
            below = _Cost(below.depth + 1, below.fields, below.aliases + (node.alias is not None))
        elif isinstance(node, InlineFragmentNode):
            below = _cost(node.selection_set, fragments, costs)
        elif isinstance(node, FragmentSpreadNode):
            below = _fragment_cost(node.name.value, fragments, costs)
        depth = max(depth, below.depth)
        # A fragment counts as well: spreads of spreads would be free otherwise.
        fields += below.fields + 1
        aliases += below.aliases
    return _Cost(depth, fields, aliases)


def _fragment_cost(
    name: str, fragments: Mapping[str, FragmentDefinitionNode], costs: dict[str, _Cost | None]
) -> _Cost:
    if name in costs:
        cost = costs[name]
        if cost is None:
            raise RequestRefused(Code.GRAPHQL_VALIDATION_FAILED, "A fragment spreads itself.")
        return cost
    fragment = fragments.get(name)
    costs[name] = None
    cost = _cost(fragment.selection_set, fragments, costs) if fragment is not None else _Cost(0, 0, 0)
    costs[name] = cost
    return cost


def _check_repeats(
    selection_sets: Iterable[SelectionSetNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    limits: Limits,
) -> None:
    together: dict[str, list[FieldNode]] = {}
    for selections in selection_sets:
        for key, node in _direct_fields(selections, fragments):
            nodes = together.setdefault(key, [])
            nodes.append(node)
            if len(nodes) > limits.repeats_max:
                raise RequestRefused(
                    Code.QUERY_TOO_COSTLY, "A field is asked for too many times at one place."
                )
    for nodes in together.values():
        below = [node.selection_set for node in nodes if node.selection_set is not None]
        if below:
            _check_repeats(below, fragments, limits)


def _direct_fields(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> list[tuple[str, FieldNode]]:
    found: list[tuple[str, FieldNode]] = []
    for node in selections.selections:
        if isinstance(node, FieldNode):
            found.append(((node.alias or node.name).value, node))
        elif isinstance(node, InlineFragmentNode):
            found.extend(_direct_fields(node.selection_set, fragments))
        elif isinstance(node, FragmentSpreadNode):
            fragment = fragments.get(node.name.value)
            if fragment is not None:
                found.extend(_direct_fields(fragment.selection_set, fragments))
    return found
