"""What clients are told when an answer is an error: a code of a closed list, never a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

from graphql import GraphQLError

from commons.claims import ANONYMOUS, Claims
from commons.database import is_unreachable
from commons.refusal import Refusal

UNAUTHENTICATED: Final = "UNAUTHENTICATED"
FORBIDDEN: Final = "FORBIDDEN"
COUNTRY_MISMATCH: Final = "COUNTRY_MISMATCH"
COUNTRY_REQUIRED: Final = "COUNTRY_REQUIRED"
BAD_USER_INPUT: Final = "BAD_USER_INPUT"
GRAPHQL_PARSE_FAILED: Final = "GRAPHQL_PARSE_FAILED"
GRAPHQL_VALIDATION_FAILED: Final = "GRAPHQL_VALIDATION_FAILED"
QUERY_TOO_DEEP: Final = "QUERY_TOO_DEEP"
QUERY_TOO_COSTLY: Final = "QUERY_TOO_COSTLY"
TIMEOUT: Final = "TIMEOUT"
SUBGRAPH_UNAVAILABLE: Final = "SUBGRAPH_UNAVAILABLE"
INTERNAL: Final = "INTERNAL"

MESSAGE_LENGTH_MAX: Final = 500  # graphql-core repeats what was sent, which may be a megabyte
ERRORS_MAX: Final = 100  # in one answer; a list of broken rows must not make an answer of megabytes

log = logging.getLogger(__name__)


class Fault(Exception):
    """An answer that is an error: code, sentence, and the HTTP status where the whole request fails."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code = code
        self.message = _short(message)
        self.status = status
        super().__init__(message)


def denied(who: Claims) -> Fault:
    """The same sentence whether the thing exists or not."""
    if who is ANONYMOUS:
        return Fault(UNAUTHENTICATED, "Sign in first.", 401)
    return Fault(FORBIDDEN, "You may not see or do this.", 403)


def public_errors(
    errors: Sequence[GraphQLError], *, service: str, country: str, request_id: str
) -> list[dict[str, Any]]:
    """The errors of an execution as clients get them, sorted by path. Logs what was unexpected."""
    marks = {"service": service, "country": country, "requestId": request_id}
    ordered = sorted(errors, key=lambda error: [str(part) for part in error.path or ()])
    return [_public(error, marks) for error in ordered[:ERRORS_MAX]]


def _public(error: GraphQLError, marks: dict[str, str]) -> dict[str, Any]:
    code, message, more = _explain(error, marks)
    shown: dict[str, Any] = {"message": message, "extensions": {"code": code, **more, **marks}}
    if error.path:
        shown["path"] = error.path
    return shown


def _explain(error: GraphQLError, marks: dict[str, str]) -> tuple[str, str, dict[str, Any]]:
    cause = error.original_error
    while isinstance(cause, GraphQLError):  # one that a scalar raised, or graphql-core located twice
        cause = cause.original_error
    if cause is None:
        return str((error.extensions or {}).get("code", BAD_USER_INPUT)), _short(error.message), {}
    if isinstance(cause, Fault):
        return cause.code, cause.message, {}
    if isinstance(cause, Refusal):
        code = FORBIDDEN if cause.code == "NotYours" else BAD_USER_INPUT
        return code, cause.message, {"refusal": refusal_data(cause)}
    if is_unreachable(cause):
        # Also where the answer to a commit was lost: nobody is told that it was done, and a repeat with the
        # same idempotency key finds out.
        log.warning(
            "the database could not be reached",
            extra={"request_id": marks["requestId"], "error": type(cause).__name__},
        )
        return SUBGRAPH_UNAVAILABLE, "The service cannot reach its database; ask again.", {}
    if isinstance(cause, TimeoutError):
        return TIMEOUT, "This took too long.", {}
    log.error(
        "unexpected error in a GraphQL field",
        exc_info=cause,
        extra={"request_id": marks["requestId"], "path": ".".join(map(str, error.path or ()))},
    )
    return INTERNAL, "Unexpected error", {}


def _short(message: str) -> str:
    return message if len(message) <= MESSAGE_LENGTH_MAX else f"{message[: MESSAGE_LENGTH_MAX - 1]}…"


def refusal_data(refusal: Refusal) -> dict[str, Any]:
    """A refusal inside an error of a read: code, facts, and the input that caused it."""
    return {"code": refusal.code, "path": list(refusal.path), "facts": refusal.public_facts()}
