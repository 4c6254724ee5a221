"""The desk of an authority that takes periodic returns: packages of files, their shape not verified."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from typing import Annotated, Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from lxml import etree
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from simulators.clock import Clock, milliseconds
from simulators.party import Manner, Party, Problem, validation_errors
from simulators.store import Row, Store

processing_milliseconds_default = 100
return_count_max = 100_000
files_max = 10
first_reference = 300_000_000_001
UNVERIFIED: Final = b"shape unverified"

OUTCOMES = frozenset({"accepted", "warning", "refused", "silent", "answered_twice"})
RESULTS = {"accepted": "A", "answered_twice": "A", "warning": "W", "refused": "B"}

SCHEMA = """
create table if not exists filed_return (
  reference integer primary key autoincrement,
  format text not null,
  body text not null,
  outcome text not null,
  fields text not null,
  answers_at integer not null
);
create table if not exists return_key (
  key text primary key,
  body_sha256 text not null,
  first_reference integer not null
);
"""


class File(BaseModel):
    """One file of a return."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    content: str


class Package(BaseModel):
    """What is filed: the files of one return, the sender's reference, and ours of the return it replaces."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
    reference: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    replaces: str | None = None
    files: list[File]


class LateDecision(BaseModel):
    """What the authority says at last of a return that it left unanswered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: int
    outcome: Annotated[str, StringConstraints(pattern="^(accepted|warning|refused)$")]


def add_return_desk(party: Party, app: FastAPI, store: Store, clock: Clock, check_token: Any) -> None:
    """Let the authority take returns at `/returns/{format}` and answer for them."""
    desk = _Desk(store, clock)

    @app.post("/returns/{format_name}", status_code=201, tags=["returns"])
    async def file_return(format_name: str, request: Request) -> Response:
        check_token(request)
        body = await request.body()
        package = _read(body, format_name)
        files = _contents(package)
        desk.check_replaced(package)
        manner = await party.meet("file_return", format=format_name, **_facts_of(files))
        reference = desk.take(format_name, body, files, request.headers.get("Idempotency-Key"), manner)
        location = f"/returns/{format_name}/{reference}"
        return manner.give(Response(status_code=201, headers={"Location": location}))

    @app.get("/returns/{format_name}/{reference}", tags=["returns"])
    async def consult_return(format_name: str, reference: str, request: Request) -> Response:
        check_token(request)
        manner = await party.meet("consult_return", reference=reference)
        return manner.give(JSONResponse(desk.status_of(reference)))

    @app.post("/simulate/returns/answers", tags=["simulate"])
    async def answer_return(late: LateDecision) -> dict[str, Any]:
        return {"answered": desk.answer_at_last(late), "simulated": True}

    @app.get("/simulate/returns", tags=["simulate"])
    async def returns(enterprise_number: str) -> dict[str, Any]:
        return {"returns": desk.returns_of(enterprise_number), "simulated": True}


def _read(body: bytes, format_name: str) -> Package:
    """The package; raises 400 for what nobody could read."""
    try:
        package = Package.model_validate_json(body)
    except ValidationError as error:
        raise Problem(400, "The return is malformed", errors=validation_errors(error.errors())) from error
    if package.format != format_name:
        raise Problem(400, "The return is malformed", detail="It is of another format than the address.")
    if not 0 < len(package.files) <= files_max:
        raise Problem(400, "The return is malformed", detail=f"It has 1 to {files_max} files.")
    return package


def _contents(package: Package) -> dict[str, bytes]:
    """The files by their names; raises 400 for what nobody could read."""
    try:
        files = {file.name: base64.b64decode(file.content, validate=True) for file in package.files}
    except binascii.Error as error:
        raise Problem(400, "The return is malformed", detail="A file is not base64.") from error
    for name, content in files.items():
        if content and UNVERIFIED not in content[:400]:
            raise Problem(400, "The return is malformed", detail="It says not that its shape is unverified.")
        if content.lstrip().startswith(b"<?xml"):
            _root(name, content)
    return files


def _root(name: str, content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Problem(400, "The return is malformed", detail="A file is not well-formed XML.") from error


def _facts_of(files: dict[str, bytes]) -> dict[str, str]:
    """The number of the employer as DmfA writes it, else the first eight to fourteen digits."""
    text = b" ".join(files.values()).decode("latin-1")
    found = re.search(r"<CompanyID>(\d+)<", text) or re.search(r"(?<!\d)\d{8,14}(?!\d)", text)
    return {} if found is None else {"enterprise_number": found.group(found.lastindex or 0)}


class _Desk:
    """The returns and what is decided about them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        store.write(
            "insert into sqlite_sequence (name, seq) select 'filed_return', ? "
            "where not exists (select 1 from sqlite_sequence where name = 'filed_return')",
            first_reference - 1,
        )

    def check_replaced(self, package: Package) -> None:
        """Raises 400 where a return wants to replace one that was not accepted."""
        if package.replaces is None:
            return
        row = self._return(_number(package.replaces))
        if row is None or RESULTS.get(row["outcome"]) not in ("A", "W") or row["format"] != package.format:
            raise Problem(400, "The return is malformed", detail="It replaces none that was accepted.")

    def take(
        self, format_name: str, body: bytes, files: dict[str, bytes], key: str | None, manner: Manner
    ) -> int:
        """Files the return; the same idempotency key gives the same reference again.

        Told to answer twice, it gives the repeated return another reference with the same decision.
        """
        if self._store.number("select count(*) from filed_return") >= return_count_max:
            raise Problem(503, "The simulated authority is full", detail="Delete its state folder.")
        digest = hashlib.sha256(body).hexdigest()
        with self._store.transaction():
            known = key and self._store.one("select * from return_key where key = ?", key)
            if known and known["body_sha256"] != digest:
                raise Problem(422, "This idempotency key was used for another return")
            if known:
                first = self._return(known["first_reference"])
                assert first is not None, "returns are never deleted"
                if first["outcome"] != "answered_twice":
                    return int(first["reference"])
                return self._insert(format_name, body, "accepted", [], first["answers_at"])
            outcome = manner.outcome or "accepted"
            fields = _fields(files, manner.reason) if outcome in ("refused", "warning") else []
            delay = manner.processing_ms
            delay = processing_milliseconds_default if delay is None else delay
            answers_at = milliseconds(self._clock.now()) + delay
            reference = self._insert(format_name, body, outcome, fields, answers_at)
            if key:
                self._store.insert("insert into return_key values (?, ?, ?)", key, digest, reference)
            return reference

    def status_of(self, reference: str) -> dict[str, Any]:
        """The answer to a return; raises 404 as long as it has not been thought over."""
        row = self._return(_number(reference))
        if row is None or row["outcome"] == "silent" or row["answers_at"] > milliseconds(self._clock.now()):
            raise Problem(404, "No return with this reference has been processed")
        status = {"result": RESULTS[row["outcome"]], "fields": json.loads(row["fields"])}
        return {"returnStatus": {"returnId": row["reference"], **status}, "simulated": True}

    def answer_at_last(self, late: LateDecision) -> int:
        """Decides about a silent return, and returns how many that were."""
        row = self._return(late.reference)
        fields = [] if row is None or late.outcome == "accepted" else _fields(_files(row["body"]), None)
        return self._store.write(
            "update filed_return set outcome = ?, fields = ? where reference = ? and outcome = 'silent'",
            late.outcome,
            json.dumps(fields),
            late.reference,
        )

    def returns_of(self, enterprise_number: str) -> list[dict[str, Any]]:
        """The returns of an employer in the order in which they came, with the digests of their bodies."""
        rows = self._store.many("select * from filed_return order by reference limit ?", return_count_max)
        return [
            {
                "reference": row["reference"],
                "format": row["format"],
                "outcome": row["outcome"],
                "replaces": json.loads(row["body"]).get("replaces"),
                "sha256": hashlib.sha256(row["body"].encode()).hexdigest(),
            }
            for row in rows
            if _facts_of(_files(row["body"])).get("enterprise_number") == enterprise_number
        ]

    def _insert(
        self, format_name: str, body: bytes, outcome: str, fields: list[dict[str, str]], answers_at: int
    ) -> int:
        return self._store.insert(
            "insert into filed_return (format, body, outcome, fields, answers_at) values (?, ?, ?, ?, ?)",
            format_name,
            body.decode(),
            outcome,
            json.dumps(fields),
            answers_at,
        )

    def _return(self, reference: int) -> Row | None:
        return self._store.one("select * from filed_return where reference = ?", reference)


def _number(reference: str) -> int:
    """The number of a reference; nothing has number 0."""
    return int(reference) if reference.isdecimal() and len(reference) < 18 else 0


def _files(body: str) -> dict[str, bytes]:
    return {file["name"]: base64.b64decode(file["content"]) for file in json.loads(body)["files"]}


def _fields(files: dict[str, bytes], reason: str | None) -> list[dict[str, str]]:
    """The fields that a rule names: `CODE`, or `CODE number` for the first place that says the number.

    Without a number it is the first field of the first file.
    """
    code, _, number = (reason or "SIM-101").partition(" ")
    label = "Champ refusé (simulation)"
    for name, content in files.items():
        if (path := _place(name, content, number)) is not None:
            return [{"code": code, "file": name, "path": path, "label": label}]
    return [{"code": code, "file": "", "path": "", "label": label}]


def _place(name: str, content: bytes, number: str) -> str | None:
    if content.lstrip().startswith(b"<?xml"):
        root = _root(name, content)
        for element in root.iter(etree.Element):
            text = (element.text or "").strip()
            if len(element) == 0 and text and number in text:
                return str(root.getroottree().getpath(element))
        return None
    for place, line in enumerate(content.decode("latin-1").splitlines(), start=1):
        if place > 1 and number in line:
            return f"line {place}"
    return None
