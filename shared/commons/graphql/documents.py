"""Documents: limited, parsed and validated once, then kept. A compiler would come behind `Documents.get`."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    parse,
    validate,
)
from graphql.language.lexer import Lexer

from commons.graphql.errors import (
    GRAPHQL_PARSE_FAILED,
    GRAPHQL_VALIDATION_FAILED,
    QUERY_TOO_COSTLY,
    QUERY_TOO_DEEP,
    Fault,
)

DOCUMENTS_KEPT_MAX: Final = 500
VALIDATION_ERRORS_MAX: Final = 5
_OPENING: Final = frozenset((TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L))
_CLOSING: Final = frozenset((TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may be. Invented defaults, above what the gateway's plans need (gateway.md 8)."""

    characters_max: int = 50_000
    tokens_max: int = 2_000
    depth_max: int = 12
    brackets_max: int = 40
    aliases_max: int = 30
    fields_max: int = 500
    fragments_max: int = 50


class Documents:
    """The documents of a schema that were asked lately."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, DocumentNode] = OrderedDict()

    def get(self, text: str) -> DocumentNode:
        """The document, ready to be executed. Raises Fault."""
        document = self._kept.get(text)
        if document is not None:
            self._kept.move_to_end(text)
            return document
        document = self._read(text)
        self._kept[text] = document  # only valid ones: nonsense must not push out what is asked every day
        if len(self._kept) > DOCUMENTS_KEPT_MAX:
            self._kept.popitem(last=False)
        return document

    def _read(self, text: str) -> DocumentNode:
        if len(text) > self._limits.characters_max:
            raise Fault(QUERY_TOO_COSTLY, f"A document has at most {self._limits.characters_max} characters.")
        try:
            self._scan(text)
            document = parse(text)
        except GraphQLError as error:
            raise Fault(GRAPHQL_PARSE_FAILED, error.message) from None
        _Weighing(document, self._limits).check()
        errors = validate(self._schema, document, max_errors=VALIDATION_ERRORS_MAX, hide_suggestions=True)
        if errors:
            raise Fault(GRAPHQL_VALIDATION_FAILED, " ".join(error.message for error in errors))
        return document

    def _scan(self, text: str) -> None:
        """Count tokens and open brackets before the parser, which recurses, sees the text."""
        lexer = Lexer(Source(text))
        tokens = depth = 0
        while True:
            token = lexer.advance()
            if token.kind is TokenKind.EOF:
                return
            tokens += 1
            if tokens > self._limits.tokens_max:
                raise Fault(QUERY_TOO_COSTLY, f"A document has at most {self._limits.tokens_max} tokens.")
            if token.kind in _OPENING:
                depth += 1
                if depth > self._limits.brackets_max:
                    raise Fault(
                        QUERY_TOO_DEEP, f"A document nests at most {self._limits.brackets_max} brackets."
                    )
            elif token.kind in _CLOSING:
                depth -= 1


class _Weighing:
    """Depth, aliases and fields of a document with its fragments unfolded, each fragment weighed once."""

    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        self._limits = limits
        self._operations = [
            node for node in document.definitions if isinstance(node, OperationDefinitionNode)
        ]
        fragments = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
        self._fragments_count = len(fragments)
        self._fragments = {node.name.value: node for node in fragments}
        self._weighed: dict[str, tuple[int, int, int]] = {}

    def check(self) -> None:
        limits = self._limits
        if self._fragments_count > limits.fragments_max:
            raise Fault(QUERY_TOO_COSTLY, f"A document has at most {limits.fragments_max} fragments.")
        for operation in self._operations:
            depth, aliases, fields = self._weigh(operation.selection_set)
            if depth > limits.depth_max:
                raise Fault(QUERY_TOO_DEEP, f"A query is at most {limits.depth_max} levels deep.")
            if aliases > limits.aliases_max:
                raise Fault(QUERY_TOO_COSTLY, f"A query has at most {limits.aliases_max} aliases.")
            if fields > limits.fields_max:
                raise Fault(QUERY_TOO_COSTLY, f"A query has at most {limits.fields_max} fields.")

    def _weigh(self, selections: SelectionSetNode) -> tuple[int, int, int]:
        depth = aliases = fields = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                aliases += node.alias is not None
                fields += 1
                below = self._weigh(node.selection_set) if node.selection_set else (0, 0, 0)
                depth = max(depth, 1 + below[0])
            else:
                below = (0, 0, 0)
                if isinstance(node, FragmentSpreadNode):
                    below = self._fragment(node.name.value)
                elif isinstance(node, InlineFragmentNode):
                    below = self._weigh(node.selection_set)
                depth = max(depth, below[0])
            aliases += below[1]
            fields += below[2]
        return depth, aliases, fields

    def _fragment(self, name: str) -> tuple[int, int, int]:
        if name not in self._weighed:
            self._weighed[name] = (0, 0, 0)  # a fragment inside itself: validation refuses it
            if name in self._fragments:
                self._weighed[name] = self._weigh(self._fragments[name].selection_set)
        return self._weighed[name]
