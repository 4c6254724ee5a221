"""What an attack calls a fault: an attack that finds nothing anywhere would prove nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson
import pytest
from graphql import build_schema

from commons.testing.hostile import Attack, Reply, faults_of

REFUSAL = {"__typename": "Refusal", "code": "TextTooLong", "message": "The text is too long.", "path": ["a"]}


def reply(answer: object, status: int = 200) -> Reply:
    return Reply(status, orjson.dumps(answer))


def error(code: str, message: str = "No.", **more: object) -> dict[str, object]:
    return {"message": message, "extensions": {"code": code}, **more}


def test_a_refusal_with_code_sentence_and_path_is_no_fault() -> None:
    assert faults_of(reply({"data": {"change": REFUSAL}})) == []
    assert faults_of(reply({"errors": [error("BAD_USER_INPUT")]}, 400)) == []
    assert faults_of(reply({"data": None, "errors": [error("BAD_USER_INPUT", path=["a"])]})) == []


@pytest.mark.parametrize(
    "bad",
    [
        reply({"errors": [error("BAD_USER_INPUT")]}, 500),
        reply({"errors": [error("INTERNAL", path=["a"])], "data": None}),
        reply({"errors": [error("BAD_USER_INPUT", "")]}, 400),
        reply({"errors": [error("BAD_USER_INPUT", "x" * 5_000)]}, 400),
        reply({"errors": [{"message": "No."}]}, 400),
        reply({"errors": [error("FORBIDDEN")], "data": {"a": None}}),
        reply({"errors": [error("BAD_USER_INPUT", "asyncpg.exceptions.DataError")]}, 400),
        reply({"data": {"change": REFUSAL | {"path": None}}}),
        reply({"data": {"change": REFUSAL | {"message": ""}}}),
        reply({"data": "x" * 300_000}),
        reply([]),
        Reply(200, b"<html>"),
    ],
    ids=[
        "500",
        "internal",
        "silent",
        "long",
        "no code",
        "no path",
        "insides",
        "where",
        "why",
        "huge",
        "list",
        "html",
    ],
)
def test_anything_else_is_a_fault(bad: Reply) -> None:
    assert faults_of(bad)


class Forgetful:
    """A service that keeps what it refuses, and falls over a zero byte."""

    people: Sequence[str] = ("anna",)

    def __init__(self) -> None:
        self.rows = 0

    async def send(
        self, body: bytes, who: str, *, method: str = "POST", headers: Mapping[str, str] | None = None
    ) -> Reply:
        if b"\\u0000" in body:
            return reply({"errors": [error("INTERNAL", path=["change"])], "data": None})
        self.rows += 1
        return reply({"data": {"change": REFUSAL}})

    async def count(self) -> Mapping[str, int]:
        return {"thing": self.rows}


async def test_what_is_refused_and_kept_is_found_and_so_is_what_falls_over() -> None:
    schema = build_schema(
        """
        type Query { a: Int }
        type Mutation { change(id: ID!, name: String!): Result }
        type Thing { id: ID! }
        type Refusal { code: String! message: String! path: [String!]! }
        union Result = Thing | Refusal
        """
    )
    target = Forgetful()
    report = await Attack(target, schema, {"Thing": [UUID(int=1)]}, target.count).run()
    assert any("changed ['thing']" in finding for finding in report.findings)
    assert any("name: nul): INTERNAL" in finding for finding in report.findings)
