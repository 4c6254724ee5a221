"""An authority: takes declarations of hire in seven countries' forms, thinks, and answers when asked."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs

import jwt
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from simulators.behavior import SCHEMA as BEHAVIOR_SCHEMA
from simulators.behavior import Operation
from simulators.clock import Clock, milliseconds
from simulators.dimona import Declaration, Filing, anomaly
from simulators.hire_text import read_deuev, read_elda, read_red
from simulators.hire_xml import MalformedDeclaration, read_dpae, read_nav_08e, read_unilav
from simulators.party import Manner, Party, Problem, validation_errors
from simulators.returns import OUTCOMES as RETURN_OUTCOMES
from simulators.returns import SCHEMA as RETURN_SCHEMA
from simulators.returns import add_return_desk
from simulators.store import Row, Store

processing_milliseconds_default = 100
token_life_seconds = 3600
token_count_max = 10_000
declaration_count_max = 200_000
declarations_shown_max = 100
assertion_life_seconds_max = 600
first_reference = 100_000_000_001
first_period = 20_000_000_001

OUTCOMES = frozenset(
    {
        "accepted",
        "warning",
        "refused",
        "waiting",
        "waiting_then_accepted",
        "accepted_then_refused",
        "silent",
        "answered_twice",
    }
)
RESULTS = {
    "accepted": "A",
    "answered_twice": "A",
    "accepted_then_refused": "A",
    "warning": "W",
    "refused": "B",
    "waiting": "S",
    "waiting_then_accepted": "S",
}
SCOPES = frozenset(
    {
        "scope:dimona:declaration:declarant",
        "scope:dimona:declaration:consult",
        "scope:dpae:declaration",
        "scope:nav-08e:declaration",
        "scope:elda:declaration",
        "scope:deuev:declaration",
        "scope:red:declaration",
        "scope:unilav:declaration",
        "scope:returns:file",
    }
)
READERS: dict[str, Callable[[bytes], Filing]] = {
    "/dpae/declarations": read_dpae,
    "/nav/08e/declarations": read_nav_08e,
    "/elda/declarations": read_elda,
    "/deuev/declarations": read_deuev,
    "/red/declarations": read_red,
    "/unilav/declarations": read_unilav,
}
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

SCHEMA = (
    BEHAVIOR_SCHEMA
    + RETURN_SCHEMA
    + """
create table if not exists token (
  token text primary key,
  expires_at integer not null
);
create table if not exists period (
  id integer primary key autoincrement,
  enterprise_number text not null,
  ssin text not null,
  start_date text,
  end_date text,
  is_cancelled integer not null default 0
);
create table if not exists declaration (
  reference integer primary key autoincrement,
  kind text not null,
  body text not null,
  period_id integer,
  outcome text not null,
  anomaly_codes text not null,
  answers_at integer not null,
  consultations integer not null default 0
);
create table if not exists idempotency (
  key text primary key,
  body_sha256 text not null,
  first_reference integer not null
);
"""
)


class LateAnswer(BaseModel):
    """What the authority says at last of declarations about a worker that it left undecided."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ssin: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    outcome: Literal["accepted", "warning", "refused"]


def authority(state_dir: Path, clock: Clock) -> Party:
    """The authority. It checks the shape of a client assertion, not its signature: it knows no client."""
    store = Store(state_dir / "authority.sqlite3", SCHEMA)
    party = Party(
        name="authority",
        title="Social security authority",
        explanation=(
            "Answers in the shape of the Belgian Dimona REST v2 service; it also takes declarations of other "
            "countries and periodic returns, of shapes that were not verified. It declares nobody: "
            "nothing leaves this machine."
        ),
        store=store,
        clock=clock,
        operations=(
            Operation("token", facts=frozenset({"client_id"})),
            Operation("declare", facts=frozenset({"kind", "ssin", "enterprise_number"}), outcomes=OUTCOMES),
            Operation("consult", facts=frozenset({"reference"})),
            Operation(
                "file_return", facts=frozenset({"format", "enterprise_number"}), outcomes=RETURN_OUTCOMES
            ),
            Operation("consult_return", facts=frozenset({"reference"})),
        ),
    )
    registry = _Registry(store, clock)
    app = party.app

    @app.post("/REST/oauth/v5/token", tags=["dimona"])
    async def token(request: Request) -> Response:
        form = {
            key: values[-1]
            for key, values in parse_qs((await request.body()).decode(errors="replace")).items()
        }
        client_id = _client_of(form, now_seconds=int(clock.now().timestamp()))
        manner = await party.meet("token", client_id=client_id)
        answer = {
            "access_token": registry.new_token(),
            "token_type": "Bearer",
            "expires_in": token_life_seconds,
            "scope": form["scope"],
            "simulated": True,
        }
        return manner.give(JSONResponse(answer, headers={"Cache-Control": "no-store"}))

    @app.post("/REST/dimona/v2/declarations", status_code=201, tags=["dimona"])
    async def declare(request: Request) -> Response:
        registry.check_token(request)
        body = await request.body()
        declaration = _parse(body)
        key = request.headers.get("Idempotency-Key")
        filing = declaration.filing
        manner = await party.meet("declare", kind=filing.kind, **registry.facts_of(filing))
        reference = registry.take(filing, body, key, manner)
        location = f"/REST/dimona/v2/declarations/{reference}"
        return manner.give(Response(status_code=201, headers={"Location": location}))

    @app.get("/REST/dimona/v2/declarations/{reference}", tags=["dimona"])
    async def consult(reference: str, request: Request) -> Response:
        registry.check_token(request)
        manner = await party.meet("consult", reference=reference)
        return manner.give(JSONResponse(registry.status_of(reference)))

    # The authorities of the other countries: documents of a shape that was not verified, taken and answered
    # in the manner of the first one.
    for path, read in READERS.items():
        app.add_api_route(
            path,
            _declare_document(party, registry, path, read),
            methods=["POST"],
            status_code=201,
            tags=["hire"],
        )
        app.add_api_route(path + "/{reference}", consult, methods=["GET"], tags=["hire"])

    add_return_desk(party, app, store, clock, registry.check_token)

    @app.post("/simulate/answers", tags=["simulate"])
    async def answer(late: LateAnswer) -> dict[str, Any]:
        return {"answered": registry.answer_at_last(late.ssin, late.outcome), "simulated": True}

    @app.get("/simulate/declarations", tags=["simulate"])
    async def declarations(ssin: str) -> dict[str, Any]:
        return {"declarations": registry.declarations_about(ssin), "simulated": True}

    return party


def _declare_document(
    party: Party, registry: _Registry, path: str, read: Callable[[bytes], Filing]
) -> Callable[[Request], Awaitable[Response]]:
    async def declare(request: Request) -> Response:
        registry.check_token(request)
        body = await request.body()
        try:
            filing = read(body)
        except MalformedDeclaration as error:
            raise Problem(400, "The declaration is malformed", detail=str(error)) from error
        manner = await party.meet("declare", kind=filing.kind, **registry.facts_of(filing))
        reference = registry.take(filing, body, request.headers.get("Idempotency-Key"), manner)
        return manner.give(Response(status_code=201, headers={"Location": f"{path}/{reference}"}))

    return declare


def _parse(body: bytes) -> Declaration:
    try:
        return Declaration.model_validate_json(body)
    except ValidationError as error:
        raise Problem(
            400, "The declaration is malformed", errors=validation_errors(error.errors())
        ) from error


def _client_of(form: dict[str, str], *, now_seconds: int) -> str:
    """The client named by a well-shaped request for a token; raises an OAuth error otherwise."""
    scopes = set(form.get("scope", "").split())
    if form.get("grant_type") != "client_credentials":
        raise Problem(400, "unsupported_grant_type")
    if not scopes or not scopes <= SCOPES:
        raise Problem(400, "invalid_scope", detail=f"Known scopes: {' '.join(sorted(SCOPES))}")
    if form.get("client_assertion_type") != JWT_BEARER:
        raise Problem(401, "invalid_client", detail="client_assertion_type is not jwt-bearer")
    try:
        assertion = form.get("client_assertion", "")
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise Problem(401, "invalid_client", detail="client_assertion is not a JWT") from error
    missing = [name for name in ("iss", "sub", "aud", "exp", "jti") if not claims.get(name)]
    if header.get("alg") != "RS256" or missing or claims["iss"] != claims["sub"]:
        raise Problem(401, "invalid_client", detail="RS256, iss = sub, aud, exp and jti are needed")
    if not isinstance(claims["exp"], int) or not (
        now_seconds < claims["exp"] <= now_seconds + assertion_life_seconds_max
    ):
        raise Problem(401, "invalid_client", detail="exp is past or too far away")
    return str(claims["iss"])


class _Registry:
    """The declarations and the periods of employment that they opened, changed or cancelled."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        # References and periods of different lengths: whoever takes one for the other gets a 404.
        self._begin_numbering("declaration", first_reference)
        self._begin_numbering("period", first_period)

    def new_token(self) -> str:
        now = milliseconds(self._clock.now())
        token = secrets.token_urlsafe(32)
        with self._store.transaction():
            self._store.write("delete from token where expires_at <= ?", now)
            if self._store.number("select count(*) from token") >= token_count_max:
                raise Problem(503, "Too many tokens are in use")
            self._store.insert("insert into token values (?, ?)", token, now + token_life_seconds * 1000)
        return token

    def check_token(self, request: Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        now = milliseconds(self._clock.now())
        if scheme.lower() != "bearer" or not self._store.one(
            "select 1 from token where token = ? and expires_at > ?", token, now
        ):
            raise Problem(
                401,
                "No valid token",
                detail="Get one at POST /REST/oauth/v5/token.",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def facts_of(self, filing: Filing) -> dict[str, str]:
        """Worker and employer, so that a rule about a worker also covers later corrections."""
        if filing.enterprise_number and filing.ssin:
            return {"ssin": filing.ssin, "enterprise_number": filing.enterprise_number}
        period = self._period(filing)
        if period is None:
            return {}
        return {"ssin": period["ssin"], "enterprise_number": period["enterprise_number"]}

    def take(self, filing: Filing, body: bytes, key: str | None, manner: Manner) -> int:
        """Files the declaration; the same idempotency key gives the same reference again.

        Told to answer twice, it files the repeated declaration once more, about the same period,
        which is what a client sees when its first attempt was carried out and its answer lost.
        """
        digest = hashlib.sha256(body).hexdigest()
        if self._store.number("select count(*) from declaration") >= declaration_count_max:
            raise Problem(503, "The simulated authority is full", detail="Delete its state folder.")
        with self._store.transaction():
            known = key and self._store.one("select * from idempotency where key = ?", key)
            if known and known["body_sha256"] != digest:
                raise Problem(422, "This idempotency key was used for another declaration")
            if known:
                first = self._declaration(known["first_reference"])
                assert first is not None, "declarations are never deleted"
                if first["outcome"] != "answered_twice":
                    return int(first["reference"])
                return self._file_again(first)
            reference = self._file(filing, body, manner)
            if key:
                self._store.insert("insert into idempotency values (?, ?, ?)", key, digest, reference)
            return reference

    def status_of(self, reference: str) -> dict[str, Any]:
        """The answer to a declaration; raises 404 as long as it has not been thought over."""
        row = self._declaration(int(reference)) if reference.isdecimal() and len(reference) < 18 else None
        now = milliseconds(self._clock.now())
        if row is None or row["outcome"] == "silent" or row["answers_at"] > now:
            raise Problem(404, "No declaration with this reference has been processed")
        self._store.write(
            "update declaration set consultations = consultations + 1 where reference = ?", row["reference"]
        )
        result, codes = RESULTS[row["outcome"]], json.loads(row["anomaly_codes"])
        if row["outcome"] == "waiting_then_accepted" and row["consultations"] > 0:
            result = "A"
        if row["outcome"] == "accepted_then_refused" and row["consultations"] > 0:
            result, codes = "B", ["SIM-003"]
        status: dict[str, Any] = {
            "declarationId": row["reference"],
            "result": result,
            "anomalies": [anomaly(code) for code in codes],
        }
        if result in ("A", "W"):
            status["period"] = {"id": row["period_id"]}
        return {"declarationStatus": status, "simulated": True}

    def answer_at_last(self, ssin: str, outcome: str) -> int:
        """Decides what was left undecided about a worker, and returns how many declarations that were."""
        return self._store.write(
            """
            update declaration
            set outcome = ?, anomaly_codes = ?
            where outcome in ('silent', 'waiting')
              and (body like ? or body like ? or period_id in (select id from period where ssin = ?))
            """,
            outcome,
            json.dumps([] if outcome == "accepted" else ["SIM-001"]),
            f'%"{ssin}"%',
            f"%>{ssin}<%",
            ssin,
        )

    def declarations_about(self, ssin: str) -> list[dict[str, Any]]:
        """What was declared about a worker, in the order in which it came, and about which period."""
        rows = self._store.many(
            """
            select declaration.reference, declaration.kind, declaration.period_id, period.is_cancelled
            from declaration
            left join period on period.id = declaration.period_id
            where period.ssin = ? or declaration.body like ? or declaration.body like ?
            order by declaration.reference
            limit ?
            """,
            ssin,
            f'%"{ssin}"%',
            f"%>{ssin}<%",
            declarations_shown_max,
        )
        return [
            {
                "reference": row["reference"],
                "kind": row["kind"],
                "period_id": row["period_id"],
                "is_cancelled": bool(row["is_cancelled"]),
            }
            for row in rows
        ]

    def _file(self, filing: Filing, body: bytes, manner: Manner) -> int:
        outcome, codes = self._judge(filing, manner)
        period_id = self._apply(filing) if RESULTS.get(outcome) != "B" else None
        delay = processing_milliseconds_default if manner.processing_ms is None else manner.processing_ms
        return self._store.insert(
            """
            insert into declaration (kind, body, period_id, outcome, anomaly_codes, answers_at)
            values (?, ?, ?, ?, ?, ?)
            """,
            filing.kind,
            body.decode(),
            period_id,
            outcome,
            json.dumps(codes),
            milliseconds(self._clock.now()) + delay,
        )

    def _file_again(self, first: Row) -> int:
        return self._store.insert(
            """
            insert into declaration (kind, body, period_id, outcome, anomaly_codes, answers_at)
            values (?, ?, ?, 'accepted', ?, ?)
            """,
            first["kind"],
            first["body"],
            first["period_id"],
            first["anomaly_codes"],
            first["answers_at"],
        )

    def _judge(self, filing: Filing, manner: Manner) -> tuple[str, list[str]]:
        period = self._period(filing)
        if filing.period_id and period is None:
            return "refused", ["SIM-002"]
        if period is not None and period["is_cancelled"]:
            return "refused", ["00913-355"]
        outcome = manner.outcome or "accepted"
        if outcome in ("refused", "warning"):
            return outcome, [manner.reason or "SIM-001"]
        return outcome, []

    def _apply(self, filing: Filing) -> int:
        if filing.period_id is None:
            return self._store.insert(
                "insert into period (enterprise_number, ssin, start_date, end_date) values (?, ?, ?, ?)",
                filing.enterprise_number,
                filing.ssin,
                _day_text(filing.start_date),
                _day_text(filing.end_date),
            )
        period = self._period(filing)
        assert period is not None, "_judge refuses an unknown period"
        self._store.write(
            """
            update period
            set start_date = coalesce(?, start_date), end_date = coalesce(?, end_date), is_cancelled = ?
            where id = ?
            """,
            _day_text(filing.start_date),
            _day_text(filing.end_date),
            1 if filing.is_cancelled else 0,
            period["id"],
        )
        return int(period["id"])

    def _begin_numbering(self, table: str, first: int) -> None:
        self._store.write(
            "insert into sqlite_sequence (name, seq) select ?, ? "
            "where not exists (select 1 from sqlite_sequence where name = ?)",
            table,
            first - 1,
            table,
        )

    def _period(self, filing: Filing) -> Row | None:
        if filing.period_id is None:
            return None
        return self._store.one("select * from period where id = ?", int(filing.period_id))

    def _declaration(self, reference: int) -> Row | None:
        return self._store.one("select * from declaration where reference = ?", reference)


def _day_text(day: date | None) -> str | None:
    return day.isoformat() if day else None
