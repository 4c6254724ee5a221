"""An e-invoice network seen through an access point: look up, send, and ask what became of it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import Response
from lxml import etree
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from simulators.behavior import SCHEMA as BEHAVIOR_SCHEMA
from simulators.behavior import Operation
from simulators.clock import Clock, from_milliseconds, instant_text, milliseconds
from simulators.party import Manner, Party, Problem
from simulators.store import Row, Store

processing_milliseconds_default = 100
document_count_max = 20_000
NAMES = UUID("0b2b6f7e-9c0d-4a5c-8a55-8b0f6a8d1f42")
DOCUMENT_TYPES = {
    "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice": "invoice",
    "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote": "credit_note",
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": "invoice",
}

SCHEMA = (
    BEHAVIOR_SCHEMA
    + """
create table if not exists unregistered (
  participant text primary key
);
create table if not exists document (
  position integer primary key autoincrement,
  id text not null unique,
  sender text not null,
  receiver text not null,
  document_type text not null,
  content_sha256 text not null,
  fate text not null,
  reason text,
  received_at integer not null,
  settles_at integer not null
);
"""
)


def _participant(value: object) -> object:
    if isinstance(value, str) and ":" in value:
        scheme, _, identifier = value.partition(":")
        return {"scheme": scheme, "id": identifier}
    return value


class Participant(BaseModel):
    """Someone on the network: the code of a numbering scheme (ISO 6523) and a number in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scheme: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:_-]{1,50}$")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.id.upper()}"


AnyParticipant = Annotated[Participant, BeforeValidator(_participant)]


class NewDocument(BaseModel):
    """A document to deliver; the guid makes sending it again harmless."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    idempotency_guid: UUID = Field(
        validation_alias=AliasChoices("idempotency_guid", "idempotencyGuid", "guid")
    )
    sender: AnyParticipant
    receiver: AnyParticipant
    document_type: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    xml: str


class Registration(BaseModel):
    """Whether a participant can be reached; everybody can unless told otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scheme: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:_-]{1,50}$")]
    registered: bool


def e_invoice_network(state_dir: Path, clock: Clock) -> Party:
    """The network; the XML it was given lies in `<state_dir>/e-invoice/<id>.xml`."""
    store = Store(state_dir / "e_invoice.sqlite3", SCHEMA)
    party = Party(
        name="e_invoice",
        title="E-invoice network",
        explanation=(
            "Behaves like an access point of a four-corner network. Documents stay on this machine "
            "and reach nobody."
        ),
        store=store,
        clock=clock,
        operations=(
            Operation("lookup", facts=frozenset({"participant"})),
            Operation(
                "send",
                facts=frozenset({"sender", "receiver", "guid"}),
                outcomes=frozenset({"delivered", "failed", "refused", "silent"}),
            ),
            Operation("consult", facts=frozenset({"id"})),
        ),
    )
    registry = _Documents(store, clock, state_dir / "e-invoice")
    app = party.app

    @app.get("/lookup", tags=["e-invoice"])
    async def lookup(scheme: str, id: str) -> dict[str, Any]:
        if not re.fullmatch(r"\d{4}", scheme) or not re.fullmatch(r"[A-Za-z0-9.:_-]{1,50}", id):
            raise Problem(422, "The participant is malformed")
        if scheme == "0208" and not re.fullmatch(r"[01]\d{9}", id):
            raise Problem(422, "A Belgian enterprise number has ten digits")
        participant = Participant(scheme=scheme, id=id)
        manner = await party.meet("lookup", participant=str(participant))
        is_registered = registry.is_registered(participant)
        return manner.give(
            {
                "scheme": scheme,
                "id": id,
                "registered": is_registered,
                "document_types": ["invoice", "credit_note"] if is_registered else [],
                "simulated": True,
            }
        )

    @app.post("/documents", status_code=202, tags=["e-invoice"])
    async def send(document: NewDocument) -> dict[str, Any]:
        content = _content(document.xml)
        manner = await party.meet(
            "send",
            sender=str(document.sender),
            receiver=str(document.receiver),
            guid=str(document.idempotency_guid),
        )
        return manner.give({"id": registry.take(document, content, manner), "simulated": True})

    @app.get("/documents/{document_id}", tags=["e-invoice"])
    async def consult(document_id: UUID) -> dict[str, Any]:
        manner = await party.meet("consult", id=str(document_id))
        return manner.give(registry.report(document_id))

    @app.get("/documents/{document_id}/xml", tags=["simulate"])
    async def content(document_id: UUID) -> Response:
        return Response(registry.content(document_id), media_type="application/xml")

    @app.post("/simulate/registrations", status_code=201, tags=["simulate"])
    async def register(registration: Registration) -> dict[str, Any]:
        participant = Participant(scheme=registration.scheme, id=registration.id)
        registry.register(participant, is_registered=registration.registered)
        return {"participant": str(participant), "registered": registration.registered, "simulated": True}

    return party


def _content(text: str) -> bytes:
    """The document's bytes. Raises unless they are a UBL or CII invoice or credit note."""
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Problem(422, "`xml` is not base64") from error
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Problem(422, "The document is not well-formed XML", detail=error.msg or "") from error
    if root.tag not in DOCUMENT_TYPES:
        raise Problem(422, "The document is neither an invoice nor a credit note (UBL 2.1 or CII)")
    return content


class _Documents:
    def __init__(self, store: Store, clock: Clock, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._store = store
        self._clock = clock
        self._folder = folder

    def is_registered(self, participant: Participant) -> bool:
        return not self._store.one("select 1 from unregistered where participant = ?", str(participant))

    def register(self, participant: Participant, *, is_registered: bool) -> None:
        if is_registered:
            self._store.write("delete from unregistered where participant = ?", str(participant))
        elif self._store.number("select count(*) from unregistered") >= document_count_max:
            raise Problem(409, "Too many unregistered participants")
        else:
            self._store.insert("insert or ignore into unregistered values (?)", str(participant))

    def take(self, document: NewDocument, content: bytes, manner: Manner) -> str:
        """Keeps the document and returns its id; the same guid gives the same id and keeps nothing."""
        document_id = str(uuid5(NAMES, str(document.idempotency_guid)))
        digest = hashlib.sha256(content).hexdigest()
        known = self._store.one("select * from document where id = ?", document_id)
        if known is not None:
            if known["content_sha256"] != digest:
                raise Problem(409, "Another document was sent under this guid")
            return document_id
        if manner.outcome == "refused":
            raise Problem(422, "The network refuses the document", detail=manner.reason or "")
        if self._store.number("select count(*) from document") >= document_count_max:
            raise Problem(503, "The simulated network is full", detail="Delete its state folder.")
        fate, reason = manner.outcome or "delivered", manner.reason
        if fate == "delivered" and not self.is_registered(document.receiver):
            fate, reason = "failed", "The receiver is not registered on the network"
        self._file(document_id).write_bytes(content)
        now = milliseconds(self._clock.now())
        delay = processing_milliseconds_default if manner.processing_ms is None else manner.processing_ms
        self._store.insert(
            """
            insert into document (id, sender, receiver, document_type, content_sha256, fate, reason,
              received_at, settles_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            document_id,
            str(document.sender),
            str(document.receiver),
            document.document_type,
            digest,
            fate,
            reason,
            now,
            now + delay,
        )
        return document_id

    def report(self, document_id: UUID) -> dict[str, Any]:
        """Where the document is, with evidence once it was delivered."""
        row = self._row(document_id)
        report: dict[str, Any] = {
            "id": row["id"],
            "state": self._state(row),
            "sender": row["sender"],
            "receiver": row["receiver"],
            "document_type": row["document_type"],
            "received_at": instant_text(from_milliseconds(row["received_at"])),
            "simulated": True,
        }
        if report["state"] == "delivered":
            report["evidence"] = {
                "timestamp": instant_text(from_milliseconds(row["settles_at"])),
                "sha256": row["content_sha256"],
                "simulated": True,
            }
        if report["state"] == "failed":
            report["reason"] = row["reason"] or "The receiver's access point refused the document"
        return report

    def content(self, document_id: UUID) -> bytes:
        return self._file(self._row(document_id)["id"]).read_bytes()

    def _state(self, row: Row) -> str:
        if row["fate"] == "silent" or row["settles_at"] > milliseconds(self._clock.now()):
            return "accepted"
        return str(row["fate"])

    def _row(self, document_id: UUID) -> Row:
        row = self._store.one("select * from document where id = ?", str(document_id))
        if row is None:
            raise Problem(404, "No document has this id")
        return row

    def _file(self, document_id: str) -> Path:
        return self._folder / f"{document_id}.xml"
