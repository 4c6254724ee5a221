"""Ask a schema what nobody should ask: each argument in turn spoilt, and requests that are none.

Everything is made from the schema itself, so a new field is attacked from its first day on.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, cast
from uuid import UUID

import orjson
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

from commons.database import Pool
from commons.global_id import encode

ANSWER_BYTES_MAX: Final = 262_144  # nobody may have a megabyte read back that he sent
MESSAGE_LENGTH_MAX: Final = 2_000
DEPTH_OF_ANSWERS: Final = 3
LEARNING_ROUNDS_MAX: Final = 12
PRESENT_CHANCE: Final = 0.5
KEYS_OF_A_COLUMN_MAX: Final = 5
# One request of 50 MB may be read by the test itself, and allocators keep what they once had; a service that
# kept what it refuses would grow by more than this in one pass.
MEMORY_GROWTH_BYTES_MAX: Final = 200 * 1_048_576

_INSIDES: Final = re.compile(
    r"Traceback|asyncpg|psycopg|site-packages|File \\?\"|\.py\b|syntax error at|invalid byte sequence|"
    r"relation \\?\"|violates|NoneType|object has no attribute|UndefinedColumn"
)
_CODE: Final = re.compile(r"[A-Z][A-Za-z0-9]*")
_BROKEN_CODES: Final = frozenset({"INTERNAL", "TIMEOUT", "SUBGRAPH_UNAVAILABLE", "COUNTRY_UNAVAILABLE"})
_OF_AN_ARGUMENT: Final = frozenset(
    {"TextTooLong", "TextTooShort", "TextNotPlain", "NumberOutOfRange", "TooManyItems", "MalformedId"}
)


class Json(str):
    """A value as it is written in a request, good JSON or not."""


def text(value: object) -> Json:
    """A value written as JSON, halves of surrogate pairs too."""
    return Json(json.dumps(value))


TEXTS: Final[Mapping[str, Json]] = {
    "empty": text(""),
    "spaces": text("   "),
    "nul": text("a\x00b"),
    "control": text("a\x07\x1b[31mb"),
    "line breaks": text("a\r\nb\x85c\u2028d"),
    "right to left": text("\u202e00.001 RUE\u202c"),
    "isolate": text("\u2066BE68\u2069"),
    "lone surrogate": Json('"a\\ud800b"'),
    "reversed pair": Json('"\\udc00\\ud800"'),
    "broken escape": Json('"\\u12"'),
    "emoji": text("👩‍👩‍👧‍👦" * 5),
    "combining": text("e" + "\u0301" * 200),
    "grows in normal form": text("\u0390" * 160),
    "not characters": text("\ufffe\uffff\U0010ffff"),
    "zero width": text("\u200b\u200d\ufeff"),
    "long": text("x" * 501),
    "very long": text("é" * 200_000),
    "megabyte": text("x" * 1_000_000),
    "sql": text("Robert'); drop table member; --"),
    "template": text("{{7*7}}${7*7}<%= 7*7 %>%s%n{0}"),
    "html": text("<script>alert(1)</script>"),
    "xml bomb": text('<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'),
    "xml from a file": text('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
    "xml of another kind": text('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
    "xml that ends early": text('<?xml version="1.0" encoding="UTF-16"?><Document'),
    "deep xml": text("<a>" * 20_000 + "</a>" * 20_000),
    "pdf": text("%PDF-1.7\n%âãÏÓ\n1 0 obj<</Type/Catalog>>endobj"),
    "zip": text("PK\x03\x04\x14\x00"),
    "cursor of nul": text("WyJcdTAwMDAiXQ"),
    "cursor of a number": text("WzFlNDAwXQ"),
    "cursor above int64": text("WzkyMjMzNzIwMzY4NTQ3NzU4MDgsIGZhbHNlXQ"),
    "path": text("../../../../etc/passwd"),
    "url": text("http://169.254.169.254/latest/meta-data/"),
    "number for a text": Json("5"),
    "truth for a text": Json("true"),
    "object for a text": Json('{"a":{"b":[]}}'),
    "list for a text": Json('["a","b"]'),
    "nothing": Json("null"),
}
NUMBERS: Final[Mapping[str, Json]] = {
    "zero": Json("0"),
    "minus zero": Json("-0"),
    "minus one": Json("-1"),
    "negative": Json("-376126632"),
    "int32": Json("2147483647"),
    "above int32": Json("2147483648"),
    "below int32": Json("-2147483649"),
    "2^53": Json("9007199254740993"),
    "int64": Json("9223372036854775807"),
    "above int64": Json("9223372036854775808"),
    "huge": Json("1" + "0" * 400),
    "digits without end": Json("9" * 5_000),
    "1e400": Json("1e400"),
    "1e-400": Json("1e-400"),
    "fraction": Json("1.5"),
    "whole float": Json("1.0"),
    "nan": Json("NaN"),
    "nan as text": text("NaN"),
    "infinity": Json("-Infinity"),
    "text": text("1"),
    "leading zero": Json("01"),
    "truth": Json("true"),
    "nothing": Json("null"),
    "list": Json("[1]"),
}
DECIMALS: Final[Mapping[str, Json]] = {
    **{name: text(str(value)) for name, value in NUMBERS.items() if value[:1] in "-0123456789"},
    "nan": text("NaN"),
    "infinity": text("Infinity"),
    "exponent": text("1e30"),
    "grouped": text("1,000.00"),
    "underscore": text("1_000"),
    "arabic digits": text("١٢٣"),
    "spaces": text(" 1 "),
    "many places": text("0." + "1" * 11),
    "finest": text("0.0000000001"),
    "largest": text("9999999999999999"),
    "plus": text("+1"),
    "empty": text(""),
    "number": Json("1.10"),
    "nothing": Json("null"),
}
DAYS: Final[Mapping[str, Json]] = {
    "zeros": text("0000-00-00"),
    "year zero": text("0000-01-01"),
    "first": text("0001-01-01"),
    "last": text("9999-12-31"),
    "earliest": text("1900-01-01"),
    "latest": text("2199-12-31"),
    "leap day": text("2028-02-29"),
    "no leap day": text("2027-02-29"),
    "no leap century": text("2100-02-29"),
    "thirteenth month": text("2026-13-01"),
    "instant": text("2026-06-05T00:00:00Z"),
    "far offset": text("2026-06-05T00:00:00+23:59"),
    "leap second": text("2026-06-30T23:59:60Z"),
    "week": text("2026-W23-5"),
    "compact": text("20260605"),
    "negative": text("-2026-06-05"),
    "arabic digits": text("٢٠٢٦-٠٦-٠٥"),
    "number": Json("20260605"),
    "empty": text(""),
    "nul": text("2026-06-05\x00"),
    "infinity": text("infinity"),
    "nothing": Json("null"),
}
IDS: Final[Mapping[str, Json]] = {
    "of nothing": text(encode("BE", "Nothing", UUID(int=0))),
    "nil": text(encode("BE", "Member", UUID(int=0))),
    "largest": text(encode("BE", "Entity", UUID(int=2**128 - 1))),
    "of another country": text(encode("FR", "Entity", UUID(int=1))),
    "plain key": text("01900000-0000-7000-8000-000000000000"),
    "padded": text(encode("BE", "Entity", UUID(int=1)) + "=="),
    "not base64": text("!!!!"),
    "number": Json("1"),
    "huge number": Json("9" * 5_000),
    "fraction": Json("1.5"),
    **{name: value for name, value in TEXTS.items() if name != "nothing"},
}
ENUMS: Final[Mapping[str, Json]] = {
    "unknown": text("NOTHING"),
    "lower case": text("month"),
    "number": Json("0"),
    "nul": text("\x00"),
    "megabyte": text("X" * 1_000_000),
    "nothing": Json("null"),
    "list": Json('["A","B"]'),
    "object": Json("{}"),
}
TRUTHS: Final[Mapping[str, Json]] = {
    "text": text("true"),
    "number": Json("1"),
    "nothing": Json("null"),
    "list": Json("[true,false]"),
}
OBJECTS: Final[Mapping[str, Json]] = {
    "empty": Json("{}"),
    "unknown key": Json('{"nobody":"knows"}'),
    "duplicate keys": Json('{"amount":"1","amount":"2","currency":"EUR","currency":"USD"}'),
    "text": text("{}"),
    "list": Json("[[[]]]"),
    "deep": Json('{"a":' * 300 + "1" + "}" * 300),
    "nothing": Json("null"),
}
SCALARS: Final[Mapping[str, Mapping[str, Json]]] = {
    "String": TEXTS,
    "Int": NUMBERS,
    "Float": NUMBERS,
    "Decimal": DECIMALS,
    "Date": DAYS,
    "DateTime": DAYS,
    "ID": IDS,
    "Boolean": TRUTHS,
}
ALWAYS: Final = ("nul", "lone surrogate", "megabyte", "negative", "1e400", "zeros", "huge number")
"""Asked of every place that takes such a thing, however few are wanted."""

SAMPLES: Final[Mapping[str, object]] = {
    "String": "Atelier Nord",
    "Int": 1,
    "Float": 1,
    "Decimal": "12.50",
    "amount": "3600.00",
    "day": "2026-08-05",
    "meetingDate": "2026-08-25",
    "Date": "2026-07-01",
    "DateTime": "2026-07-01T09:00:00Z",
    "Boolean": False,
    "email": "ana@example.net",
    "language": "fr",
    "country": "BE",
    "currency": "EUR",
    "iban": "BE68539007547034",
    "nationalNumber": "93051822361",
    "vatNumber": "BE0403019261",
    "enterpriseNumber": "0403019261",
    "postCode": "1000",
    "unit": "DAY",
    "nature": "service",
    "endDate": "2026-07-31",
    "lastDay": "2026-07-31",
    "birthDate": "1990-02-28",
    "legalForm": "SC agréée ES",
    "category": "A",
    "kind": "ordinary",
}
"""What an argument holds while another one is spoilt, by its name or by its type: plausible."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the HTTP status and the body."""

    status: int
    body: bytes


class Target(Protocol):
    """Who is asked, and by whom: the names of people who can ask."""

    @property
    def people(self) -> Sequence[str]:
        """Who can ask; the first one may do most."""

    async def send(
        self,
        body: bytes,
        who: str,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The reply to a body. Headers replace those that a good request has."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place in the arguments of a root field."""

    path: tuple[str, ...]
    values: Mapping[str, Json]


@dataclass(slots=True)
class Report:
    """What an attack found. `findings` are sentences; there should be none."""

    asked: int = 0
    accepted: int = 0
    fields: int = 0
    places: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        found = "\n".join(self.findings[:20])
        return (
            f"{self.asked} requests at {self.places} places of {self.fields} fields, "
            f"{self.accepted} accepted, {len(self.findings)} findings\n{found}"
        )


CountRows = Callable[[], Awaitable[Mapping[str, int]]]


@dataclass(slots=True)
class Attack:
    """Every root field of a schema with every argument spoilt in turn.

    `keys` are real keys by the name of their type, so that a request reaches further than its ids; a type
    that is not there is asked for with one that nobody has. `each` is how many values a place gets beside
    those it always gets, drawn by `seed`; None is all of them. `count_rows` is asked around each mutation.
    """

    target: Target
    schema: GraphQLSchema
    keys: Mapping[str, Sequence[UUID]]
    count_rows: CountRows
    country: str = "BE"
    seed: int = 1
    each: int | None = 3
    report: Report = field(default_factory=Report)
    _types: dict[tuple[str, str], str] = field(default_factory=dict)

    async def run(self) -> Report:
        """Attack everything; what was found."""
        chance = random.Random(self.seed)  # noqa: S311  (repeatable on purpose)
        for operation, root in (("query", self.schema.query_type), ("mutation", self.schema.mutation_type)):
            for name, asked in (root.fields if root is not None else {}).items():
                if asked.args and not name.startswith("_"):
                    await self._field(operation, name, asked, chance)
        return self.report

    async def _field(self, operation: str, name: str, asked: GraphQLField, chance: random.Random) -> None:
        self.report.fields += 1
        document = _document(operation, name, asked)
        who, usual = await self._learn(document, name, asked)
        before = await self.count_rows()
        for place in _places(asked.args):
            self.report.places += 1
            for label in _chosen(place.values, self.each, chance):
                # Others that may be absent are, half of the time: some exclude each other.
                arguments = {
                    argument: value
                    for argument, value in self._good(name, asked).items()
                    if argument == place.path[0]
                    or isinstance(asked.args[argument].type, GraphQLNonNull)
                    or chance.random() < PRESENT_CHANCE
                }
                arguments.setdefault(place.path[0], None)
                arguments = _with(arguments, place.path, place.values[label])
                where = f"{name}({'.'.join(place.path)}: {label})"
                reply = await self.target.send(_body(document, arguments), who)
                refused = self._judge(where, reply, place, usual)
                if operation == "mutation":
                    after = await self.count_rows()
                    if refused and after != before:
                        changed = {table for table in after if after[table] != before.get(table)}
                        self.report.findings.append(f"{where} was refused and changed {sorted(changed)}")
                    before = after

    async def _learn(
        self, document: str, name: str, asked: GraphQLField
    ) -> tuple[str, set[tuple[str, tuple[str, ...]]]]:
        """Who gets furthest, and what is refused although nothing is spoilt.

        The right type of each id is learnt from the refusals of the wrong one.
        """
        usual: set[tuple[str, tuple[str, ...]]] = set()
        for who in self.target.people:
            for _ in range(LEARNING_ROUNDS_MAX):
                reply = await self.target.send(_body(document, self._good(name, asked)), who)
                refusals = list(_refusals(_read(reply)))
                usual = {(each["code"], tuple(each["path"] or ())) for each in refusals}
                wrong = [each for each in refusals if each["code"] == "WrongType"]
                if not wrong:
                    break
                for each in wrong:
                    self._types[name, ".".join(each["path"])] = each["facts"]["expected"]
            if not {"FORBIDDEN", "UNAUTHENTICATED"} & set(_codes(_read(reply))) and "NotYours" not in {
                code for code, _ in usual
            }:
                return who, usual
        return self.target.people[0], usual

    def _good(self, name: str, asked: GraphQLField) -> dict[str, Any]:
        """Arguments that a good request could have."""
        return {
            argument: self._value(name, asked, (argument,), given.type)
            for argument, given in asked.args.items()
            if argument not in ("idempotencyKey", "after")
        }

    def _value(self, name: str, asked: GraphQLField, path: tuple[str, ...], kind: GraphQLInputType) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._value(name, asked, path, kind.of_type)
        if isinstance(kind, GraphQLList):
            return [self._value(name, asked, (*path, "0"), kind.of_type)]
        if isinstance(kind, GraphQLInputObjectType):
            return {
                key: self._value(name, asked, (*path, key), part.type) for key, part in kind.fields.items()
            }
        if isinstance(kind, GraphQLEnumType):
            return text(next(iter(kind.values)))
        leaf = get_named_type(kind).name
        if leaf == "ID":
            guess = self._types.get((name, ".".join(path))) or _type_of_id(path[-1], asked, self.schema)
            [key, *_] = self.keys.get(guess) or [UUID(int=0x1990000000070008000000000000001)]
            return text(encode(self.country, guess, key))
        return text(SAMPLES.get(path[-1], SAMPLES.get(leaf, "x")))

    def _judge(self, where: str, reply: Reply, place: Place, usual: set[tuple[str, tuple[str, ...]]]) -> bool:
        """Whether it was refused. What is wrong with the refusal becomes a finding."""
        report = self.report
        report.asked += 1
        report.findings += [f"{where}: {fault}" for fault in faults_of(reply)]
        answer = _read(reply)
        refusals = list(_refusals(answer))
        for each in refusals:
            report.codes[each["code"]] = report.codes.get(each["code"], 0) + 1
            path = tuple(each["path"] or ())
            if each["code"] in _OF_AN_ARGUMENT and (each["code"], path) not in usual and not path:
                report.findings.append(f"{where}: {each['code']} does not say which input it means")
        for code in _codes(answer):
            report.codes[code] = report.codes.get(code, 0) + 1
        refused = bool(refusals) or bool(answer.get("errors")) or reply.status >= 400
        report.accepted += not refused
        return refused


def representations_that_are_none(schema: GraphQLSchema) -> Iterator[tuple[str, bytes]]:
    """Name and body of entity requests with keys that no gateway sends."""
    union = schema.type_map.get("_Entity")
    names = [each.name for each in union.types] if isinstance(union, GraphQLUnionType) else []
    query = "query($r: [_Any!]!) { _entities(representations: $r) { __typename } }"

    def asked(*representations: object) -> bytes:
        return _body(
            query, {"r": [each if isinstance(each, Json) else text(each) for each in representations]}
        )

    for name in [*names, "Nothing", "Query", "Money", "__Type"]:
        for label, value in IDS.items():
            yield f"{name} {label}", asked(Json(f'{{"__typename":"{name}","id":{value}}}'))
        yield f"{name} without a key", asked({"__typename": name})
        yield f"{name} with more", asked({"__typename": name, "id": "x", "secret": [[[[1]]]]})
        yield f"{name} 5,000 times", asked(*[{"__typename": name, "id": "x"}] * 5_000)
    for label, value in [*OBJECTS.items(), *TEXTS.items()]:
        yield f"representation {label}", asked(value)
        yield f"type {label}", asked(Json(f'{{"__typename":{value},"id":"x"}}'))


def faults_of(reply: Reply) -> list[str]:
    """What is wrong with a reply, whatever was asked: sentences, none for a good one."""
    shown = reply.body[:400].decode("utf-8", "replace")
    if reply.status >= 500:
        return [f"HTTP {reply.status}: {shown}"]
    if len(reply.body) > ANSWER_BYTES_MAX:
        return [f"an answer of {len(reply.body)} bytes"]
    answer = _read(reply)
    if not answer:
        return [f"no object of GraphQL: {shown}"]
    found = []
    for error in answer.get("errors", ()):
        code, message = error.get("extensions", {}).get("code"), error.get("message")
        if not code or code in _BROKEN_CODES:
            found.append(f"{code}: {shown}")
        if not message or len(message) > MESSAGE_LENGTH_MAX:
            found.append(f"no sentence: {shown}")
        if answer.get("data") is not None and not error.get("path"):
            found.append(f"an error without its path: {shown}")
    for refusal in _refusals(answer):
        if not _CODE.fullmatch(refusal["code"]) or not refusal["message"] or refusal["path"] is None:
            found.append(f"a refusal without code, sentence and path: {shown}")
    if inside := _INSIDES.search(reply.body.decode("utf-8", "replace")):
        found.append(f"shows its insides, {inside[0]}: {shown}")
    return found


def requests_that_are_none(query: str) -> Iterator[tuple[str, str, bytes, Mapping[str, str]]]:
    """Name, method, body and headers of requests that no server should take. `query` is one that it would."""
    good = orjson.dumps({"query": query})
    wide = "{" + " ".join(f"a{number}: __typename" for number in range(20_000)) + "}"
    bodies: dict[str, bytes] = {
        "nothing": b"",
        "50 MB": b'{"query":"' + b"a" * 50_000_000 + b'"}',
        "50 MB of spaces": b" " * 50_000_000,
        "not utf-8": b'{"query":"\xff\xfe"}',
        "overlong utf-8": b'{"query":"\xc0\x80"}',
        "utf-16": good.decode().encode("utf-16"),
        "byte order mark": b"\xef\xbb\xbf" + good,
        "batch": b"[" + good + b"," + good + b"]",
        "empty batch": b"[]",
        "two documents": good + good,
        "duplicate keys": b'{"query":"{ a }","query":"{ b }"}',
        "deep json": b'{"query":' + b"[" * 200_000,
        "deep variables": b'{"query":"{ __typename }","variables":{"a":' + b"[" * 900 + b"]" * 900 + b"}}",
        "variables as a list": b'{"query":"{ __typename }","variables":[1]}',
        "variables as a text": b'{"query":"{ __typename }","variables":"{}"}',
        "huge variables": b'{"query":"query($a: String) { __typename }","variables":{"a":"'
        + b"x" * 1_048_000
        + b'"}}',
        "100,000 variables": orjson.dumps(
            {"query": "{ nothing }", "variables": {f"v{number}": number for number in range(50_000)}}
        ),
        "endless number": b'{"query":"{ nothing }","variables":{"a":' + b"9" * 10_000 + b"}}",
        "query as a number": b'{"query":1}',
        "operation as a list": b'{"query":"{ nothing }","operationName":[]}',
        "long operation name": orjson.dumps({"query": "query a { nothing }", "operationName": "a" * 200_000}),
        "unknown operation": orjson.dumps({"query": "query a { nothing }", "operationName": "b"}),
        "persisted query": b'{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}',
        "trailing comma": b'{"query":"{ nothing }",}',
        "lone surrogate": b'{"query":"{ a(b: \\"\\ud800\\") }"}',
        "nul": b'{"query":"{ \\u0000 }"}',
    }
    documents: dict[str, str] = {
        "deep": "{a" * 5_000 + "}" * 5_000,
        "deep lists": "{a(b:" + "[" * 10_000 + "]" * 10_000 + ")}",
        "deep inline fragments": "{" + "...{" * 3_000 + "__typename" + "}" * 3_001,
        "wide": wide,
        "alias bomb": "{" + " ".join(f"a{number}: {query.strip('{} ')}" for number in range(500)) + "}",
        "fragment cycle": "{...a} fragment a on Query {...b} fragment b on Query {...a}",
        "fragment on itself": "{...a} fragment a on Query {__typename ...a}",
        "fragments that double": "{...f0} "
        + " ".join(f"fragment f{n} on Query {{...f{n + 1} ...f{n + 1}}}" for n in range(40))
        + " fragment f40 on Query {__typename}",
        "same fragment twice": "{...a} fragment a on Query {__typename} fragment a on Query {__typename}",
        "unused fragments": "{__typename} "
        + " ".join(f"fragment f{n} on Query {{__typename}}" for n in range(300)),
        "directives overload": "{__typename " + "@include(if: true) " * 1_500 + "}",
        "unknown directives": "{__typename " + "@a " * 900 + "}",
        "variable that contains itself": "query($a: [[[[[[[[[[String]]]]]]]]]]) {__typename}",
        "variable twice": "query($a: Int, $a: Int) {__typename}",
        "two operations": "{__typename} {__typename}",
        "subscription": "subscription {__typename}",
        "schema definition": "type Query {a: Int}",
        "comments": "#" + "x" * 200_000 + "\n{__typename}",
        "commas": "{" + "," * 200_000 + "__typename}",
        "block string": '{a(b: """' + "\n" * 20_000 + '""")}',
        "long name": "{" + "a" * 49_000 + "}",
        "unknown field": "{nothing}",
        "emoji name": "{👩}",
        "endless int": "{a(b: " + "9" * 20_000 + ")}",
        "endless float": "{a(b: 1e" + "9" * 300 + ")}",
        "introspection": "{__schema{types{fields{type{fields{type{fields{type{name}}}}}}}}}",
    }
    yield from ((name, "POST", body, {}) for name, body in bodies.items())
    yield from ((name, "POST", orjson.dumps({"query": each}), {}) for name, each in documents.items())
    for kind in (
        "",
        "text/plain",
        "application/graphql",
        "multipart/form-data; boundary=a",
        "application/xml",
    ):
        yield f"content type {kind or 'missing'}", "POST", good, {"content-type": kind}
    for encoding in ("gzip", "br", "deflate", "nonsense"):
        yield f"encoding {encoding}", "POST", b"\x1f\x8b" + good, {"content-encoding": encoding}
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        yield f"method {method}", method, good, {}
    for country in ("FR", "", "B", "../be", "BE,FR", "b" * 5_000):
        yield f"country {country[:8]}", "POST", good, {"x-country": country}
    for token in ("Bearer", "Bearer a.b.c", "Bearer " + "a" * 5_000, "Basic YTpi", "bearer null"):
        yield f"token {token[:12]}", "POST", good, {"authorization": token}


def resident_bytes(pid: int) -> int:
    """The memory that a process has now (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def keys_in(pool: Pool) -> dict[str, list[UUID]]:
    """Real keys in a database by the type they belong to: `member_id` and `member.id` are of Member."""
    found: dict[str, list[UUID]] = {}
    async with pool.acquire() as db:
        columns = await db.fetch(
            """
            select table_name, column_name from information_schema.columns
            where table_schema = 'public' and data_type = 'uuid' order by table_name, column_name
            """
        )
        for table, column in columns:
            name = column.removesuffix("_id") if column.endswith("_id") else table if column == "id" else None
            if name is None or table in _OWN_TABLES:
                continue
            rows = await db.fetch(
                f'select distinct "{column}" from "{table}" where "{column}" is not null order by 1 desc '  # noqa: S608
                f"limit {KEYS_OF_A_COLUMN_MAX}"
            )
            kept = found.setdefault("".join(part.capitalize() for part in name.split("_")), [])
            kept += [row[0] for row in rows if row[0] not in kept]
    return found


def rows_in(pool: Pool) -> CountRows:
    """Counts the rows of every table of a database, the ledger's too."""
    statement: list[str] = []

    async def count() -> Mapping[str, int]:
        async with pool.acquire() as db:
            if not statement:
                tables = await db.fetch(
                    """
                    select format('%I.%I', schemaname, tablename) as name from pg_tables
                    where schemaname not in ('pg_catalog', 'information_schema') order by 1
                    """
                )
                parts = [f"select '{row[0]}' as name, count(*) as rows from {row[0]}" for row in tables]  # noqa: S608
                statement.append(" union all ".join(parts))
            return {row["name"]: row["rows"] for row in await db.fetch(statement[0])}

    return count


_OWN_TABLES: Final = frozenset({"outbox", "inbox", "parked", "parked_decision", "effect", "deadline"})


def _places(arguments: Mapping[str, GraphQLArgument]) -> Iterator[Place]:
    for name, argument in arguments.items():
        yield from _places_in((name,), argument.type)


def _places_in(path: tuple[str, ...], kind: GraphQLInputType) -> Iterator[Place]:
    if isinstance(kind, GraphQLNonNull):
        yield from _places_in(path, kind.of_type)
    elif isinstance(kind, GraphQLList):
        yield Place(path, _LISTS)
        yield from _places_in((*path, "0"), kind.of_type)
    elif isinstance(kind, GraphQLInputObjectType):
        yield Place(path, OBJECTS)
        for name, part in kind.fields.items():
            yield from _places_in((*path, name), part.type)
    elif isinstance(kind, GraphQLEnumType):
        yield Place(path, ENUMS)
    else:
        yield Place(path, SCALARS.get(get_named_type(kind).name, TEXTS))


_LISTS: Final[Mapping[str, Json]] = {
    "empty": Json("[]"),
    "nothing inside": Json("[null]"),
    "10,000 nothings": Json("[" + ",".join(["null"] * 10_000) + "]"),
    "10,000 objects": Json("[" + ",".join(["{}"] * 10_000) + "]"),
    "deep": Json("[" * 300 + "]" * 300),
    "text": text("[]"),
    "nothing": Json("null"),
}


def _chosen(values: Mapping[str, Json], each: int | None, chance: random.Random) -> list[str]:
    if each is None:
        return list(values)
    always = [name for name in values if name in ALWAYS]
    others = [name for name in values if name not in ALWAYS]
    return always + chance.sample(others, min(each, len(others)))


def _with(arguments: dict[str, Any], path: tuple[str, ...], value: Json) -> dict[str, Any]:
    place: Any = arguments
    for part in path[:-1]:
        place = place[int(part) if isinstance(place, list) else part]
    place[int(path[-1]) if isinstance(place, list) else path[-1]] = value
    return arguments


def _body(document: str, arguments: Mapping[str, Any]) -> bytes:
    body = f'{{"query":{json.dumps(document)},"variables":{_written(arguments)}}}'
    return body.encode("utf-8", "surrogatepass")


def _written(value: Any) -> str:
    if isinstance(value, Json):
        return value
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(name)}:{_written(part)}" for name, part in value.items()) + "}"
    return "[" + ",".join(_written(part) for part in value) + "]"


def _document(operation: str, name: str, asked: GraphQLField) -> str:
    variables = ", ".join(f"${argument}: {given.type}" for argument, given in asked.args.items())
    arguments = ", ".join(f"{argument}: ${argument}" for argument in asked.args)
    return f"{operation}({variables}) {{ {name}({arguments}){_selection(asked.type, DEPTH_OF_ANSWERS)} }}"


def _selection(kind: GraphQLOutputType, depth: int) -> str:
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLUnionType):
        parts = [f"... on {each.name}{_selection(each, depth)}" for each in named.types]
        return f" {{ __typename {' '.join(parts)} }}"
    parts = ["__typename"]
    for name, inner in cast("GraphQLObjectType | GraphQLInterfaceType", named).fields.items():
        if any(isinstance(given.type, GraphQLNonNull) for given in inner.args.values()):
            continue
        if is_leaf_type(get_named_type(inner.type)):
            parts.append(name)
        elif depth > 1:
            parts.append(f"{name}{_selection(inner.type, depth - 1)}")
    return f" {{ {' '.join(parts)} }}"


def _type_of_id(argument: str, asked: GraphQLField, schema: GraphQLSchema) -> str:
    if argument == "id":
        return str(get_named_type(asked.type).name)
    guess = argument.removesuffix("Id")
    guess = guess[:1].upper() + guess[1:]
    return guess if guess in schema.type_map else "Member"


def _read(reply: Reply) -> dict[str, Any]:
    try:
        answer = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _codes(answer: Mapping[str, Any]) -> list[str]:
    return [str(error.get("extensions", {}).get("code")) for error in answer.get("errors", ())]


def _refusals(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The refusals in an answer: those that are one, and those inside the error of a read."""
    for value in (answer.get("data") or {}).values():
        if isinstance(value, dict) and value.get("__typename") == "Refusal":
            yield {"facts": {}, "path": None, **value}
    for error in answer.get("errors", ()):
        refusal = error.get("extensions", {}).get("refusal")
        if refusal:
            yield {"message": error.get("message"), **refusal}
