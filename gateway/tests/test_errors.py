"""What a client sees of an error."""

from __future__ import annotations

from gateway.errors import (
    MASKED_MESSAGE,
    MESSAGE_LENGTH_MAX,
    STATUS,
    Code,
    Origin,
    RequestRefused,
    error_path,
)
from gateway.testing.stack import Stack

ORIGIN = Origin("BE", "request-1")


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(Code)


def test_a_code_of_the_list_passes_with_its_message_and_facts() -> None:
    raw = {
        "message": "Not yours.",
        "extensions": {"code": "FORBIDDEN", "facts": {"id": 1}, "stacktrace": ["secret"]},
    }
    assert ORIGIN.of_service(raw, "members", ("a", 0)) == {
        "message": "Not yours.",
        "path": ["a", 0],
        "extensions": {
            "code": "FORBIDDEN",
            "service": "members",
            "country": "BE",
            "requestId": "request-1",
            "facts": {"id": 1},
        },
    }


def test_a_name_as_long_as_a_document_is_not_repeated() -> None:
    detail = {"message": f"Cannot query field '{'a' * 50_000}'."}
    for details in ((), [detail]):
        refused = RequestRefused(Code.GRAPHQL_VALIDATION_FAILED, detail["message"], details=details)
        [error] = refused.errors("request-1", "BE")
        assert len(error["message"]) == MESSAGE_LENGTH_MAX


def test_a_service_without_its_database_says_so_through_the_gateway() -> None:
    sentence = "The service cannot reach its database; ask again."
    raw = {"message": sentence, "extensions": {"code": "SUBGRAPH_UNAVAILABLE"}}
    error = ORIGIN.of_service(raw, "members", ("a",))
    assert (error["message"], error["extensions"]["code"]) == (sentence, "SUBGRAPH_UNAVAILABLE")


def test_anything_else_is_masked() -> None:
    for raw in (
        {"message": "secret"},
        {"message": "secret", "extensions": {"code": "SECRET"}},
        {"message": "secret", "extensions": {"code": "INTERNAL"}},
        {"message": "secret", "extensions": "secret"},
        "secret",
        None,
    ):
        error = ORIGIN.of_service(raw, "members", ())
        assert error["message"] == MASKED_MESSAGE
        assert error["extensions"]["code"] == "INTERNAL"
        assert "secret" not in str(error)


def test_a_path_that_is_none_is_left_out() -> None:
    assert error_path({"path": ["a", 1]}) == ("a", 1)
    paths: tuple[object, ...] = (None, "a", [None], [True], [1.5], [{}], ["a"] * 1_000)
    for path in paths:
        assert error_path({"path": path}) == ()


async def test_a_secret_of_a_service_stays_there(stack: Stack) -> None:
    answer = await stack.client.post("/graphql", json={"query": "{broken}"})
    assert "secret" not in answer.text
    [error] = answer.json()["errors"]
    assert error["path"] == ["broken"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["service"] == "members"
