"""The closed list of error codes, what a client sees of an error, and its HTTP status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

Path = tuple[str | int, ...]
ErrorBody = dict[str, Any]


class Code(StrEnum):
    """Every code that `extensions.code` can have."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    COUNTRY_MISMATCH = "COUNTRY_MISMATCH"
    COUNTRY_REQUIRED = "COUNTRY_REQUIRED"
    COUNTRY_UNAVAILABLE = "COUNTRY_UNAVAILABLE"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    QUERY_TOO_DEEP = "QUERY_TOO_DEEP"
    QUERY_TOO_COSTLY = "QUERY_TOO_COSTLY"
    PERSISTED_DOCUMENT_REQUIRED = "PERSISTED_DOCUMENT_REQUIRED"
    PERSISTED_DOCUMENT_NOT_FOUND = "PERSISTED_DOCUMENT_NOT_FOUND"
    RATE_LIMITED = "RATE_LIMITED"
    TIMEOUT = "TIMEOUT"
    SUBGRAPH_UNAVAILABLE = "SUBGRAPH_UNAVAILABLE"
    INTERNAL = "INTERNAL"


STATUS: Mapping[Code, int] = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.COUNTRY_MISMATCH: 403,
    Code.COUNTRY_REQUIRED: 400,
    Code.COUNTRY_UNAVAILABLE: 503,
    Code.BAD_USER_INPUT: 400,
    Code.GRAPHQL_PARSE_FAILED: 400,
    Code.GRAPHQL_VALIDATION_FAILED: 400,
    Code.QUERY_TOO_DEEP: 400,
    Code.QUERY_TOO_COSTLY: 400,
    Code.PERSISTED_DOCUMENT_REQUIRED: 400,
    Code.PERSISTED_DOCUMENT_NOT_FOUND: 404,
    Code.RATE_LIMITED: 429,
    Code.TIMEOUT: 504,
    Code.SUBGRAPH_UNAVAILABLE: 503,
    Code.INTERNAL: 500,
}

# What is wrong in the document or its variables, as opposed to the HTTP request.
DOCUMENT_CODES = frozenset(
    {
        Code.BAD_USER_INPUT,
        Code.GRAPHQL_PARSE_FAILED,
        Code.GRAPHQL_VALIDATION_FAILED,
        Code.QUERY_TOO_DEEP,
        Code.QUERY_TOO_COSTLY,
    }
)

# What is our fault and not the asker's: it counts against the promise that the API answers.
FAULT_CODES = frozenset({Code.COUNTRY_UNAVAILABLE, Code.TIMEOUT, Code.SUBGRAPH_UNAVAILABLE, Code.INTERNAL})

MASKED_MESSAGE = "The service could not answer."
MISSING_MESSAGE = "A required value is missing in the answer of a service."
UNAVAILABLE_MESSAGES: Mapping[Code, str] = {
    Code.SUBGRAPH_UNAVAILABLE: "The service is not available.",
    Code.TIMEOUT: "The service did not answer in time.",
    Code.COUNTRY_UNAVAILABLE: "The country is not available.",
    Code.FORBIDDEN: "The token does not allow this country.",
}
MESSAGE_LENGTH_MAX = 1_000
PATH_LENGTH_MAX = 100

_CODES = frozenset(code.value for code in Code)
# A refusal of a query travels beside its code: the class name and the facts of commons.refusal.
_PASSED_EXTENSIONS = ("refusal", "facts")


class RequestRefused(Exception):
    """The whole request is refused before anything is asked of a service.

    `status` is the HTTP status where it differs from the code's own; `details` are further GraphQL errors
    (locations of a validation) that share the code.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        status: int | None = None,
        details: Sequence[ErrorBody] = (),
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = STATUS[code] if status is None else status
        self.is_of_transport = status is not None or code not in DOCUMENT_CODES
        self.details = details
        self.retry_after_seconds = retry_after_seconds

    def errors(self, request_id: str, country: str) -> list[ErrorBody]:
        """The `errors` of the answer."""
        bodies = self.details or [{"message": self.message}]
        extensions: dict[str, Any] = {"code": self.code.value, "country": country, "requestId": request_id}
        if self.retry_after_seconds is not None:
            extensions["retryAfterSeconds"] = self.retry_after_seconds
        # A validator repeats the names that were sent, and a name may be as long as a document.
        return [
            {**body, "message": body["message"][:MESSAGE_LENGTH_MAX], "extensions": extensions}
            for body in bodies
        ]


class Origin:
    """Where the errors of a request come from: the same for all of one request."""

    __slots__ = ("country", "request_id")

    def __init__(self, country: str, request_id: str) -> None:
        self.country = country
        self.request_id = request_id

    def error(self, code: Code, message: str, path: Path, service: str | None = None) -> ErrorBody:
        """An error that the gateway itself found."""
        extensions: dict[str, Any] = {"code": code.value}
        if service is not None:
            extensions["service"] = service
        extensions["country"] = self.country
        extensions["requestId"] = self.request_id
        body: ErrorBody = {"message": message}
        if path:
            body["path"] = list(path)
        body["extensions"] = extensions
        return body

    def of_service(self, raw: object, service: str, path: Path) -> ErrorBody:
        """An error that a service sent, at the client's `path`; masked unless its code is in the list."""
        code, message, passed = Code.INTERNAL, MASKED_MESSAGE, {}
        if isinstance(raw, dict):
            sent: Any = raw.get("extensions")
            sent = sent if isinstance(sent, dict) else {}
            sent_code = sent.get("code")
            if isinstance(sent_code, str) and sent_code in _CODES and sent_code != Code.INTERNAL:
                code = Code(sent_code)
                if isinstance(raw.get("message"), str):
                    message = raw["message"][:MESSAGE_LENGTH_MAX]
                passed = {key: sent[key] for key in _PASSED_EXTENSIONS if key in sent}
        body = self.error(code, message, path, service)
        body["extensions"].update(passed)
        return body


def error_path(raw: object) -> Path:
    """The path that a service gave its error, or an empty one if it gave none that can be used."""
    path = raw.get("path") if isinstance(raw, dict) else None
    if not isinstance(path, list) or len(path) > PATH_LENGTH_MAX:
        return ()
    if not all(isinstance(step, str | int) and not isinstance(step, bool) for step in path):
        return ()
    return tuple(path)


def outcome_of(codes: Iterable[str]) -> str:
    """What an answer with these codes counts as: `failed` where any is our fault, else `refused`."""
    return "failed" if FAULT_CODES.intersection(codes) else "refused"


def codes_of(errors: Iterable[ErrorBody]) -> list[str]:
    """The distinct codes of the errors, sorted: for the access log."""
    return sorted({error["extensions"]["code"] for error in errors})
