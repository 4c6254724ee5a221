"""The page behind the signed link: it reads the form and asks the same capabilities as GraphQL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Request, Response

from commons import arguments
from commons.api import Cell, cell_of
from commons.arguments import Text
from commons.claims import ANONYMOUS
from commons.context import Ctx
from commons.database import Connection, in_transaction
from commons.refusal import Refusal
from commons.uuid7 import uuid7
from invoicing.capabilities.confirm_order import confirm_order
from invoicing.capabilities.refuse_order import refuse_order
from invoicing.documents.order_page import LANGUAGE_NAMES, OrderView, PageState, headers, render, state_of
from invoicing.documents.words import word
from invoicing.domain.errors import ConsentMissing, LinkExpired, LinkNotValid, NameMissing, TextTooLong
from invoicing.domain.order import NAME_CHARACTERS_MAX, REASON_CHARACTERS_MAX
from invoicing.domain.vat import text_in
from invoicing.service import Invoicing
from invoicing.store import Offer, load_offer

FORM_BYTES_MAX: Final = 16_384
FIELDS_MAX: Final = 10
FORM: Final = "application/x-www-form-urlencoded"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
_NAME: Final = Text(max=NAME_CHARACTERS_MAX)
_REASON: Final = Text(max=REASON_CHARACTERS_MAX, lines=True)
_PROBLEMS: Final[Mapping[type[Refusal], str]] = {
    ConsentMissing: "problem_consent",
    NameMissing: "problem_name",
    TextTooLong: "problem_too_long",
    arguments.TextTooLong: "problem_too_long",
    arguments.TextNotPlain: "problem_not_plain",
}
_STATUS: Final = {PageState.INVALID: 404, PageState.EXPIRED: 410}

router = APIRouter()


@router.api_route("/orders/{link:path}", methods=["GET", "HEAD"])
async def view(request: Request, link: str) -> Response:
    """Show the order as often as its buyer wants to read it."""
    ctx = _ctx(request)
    return await _page(ctx, link, _language(request))


@router.post("/orders/{link:path}")
async def decide(request: Request, link: str) -> Response:
    """Take the buyer's decision, then show what became of it."""
    ctx = _ctx(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return _sentence("A form is expected here.", 415)
    body = await _body(request)
    if body is None:
        return _sentence("The form is too large.", 413)
    form = _fields(body)
    if form is None or form.get("decision") not in ("confirm", "refuse"):
        return _sentence("The form cannot be read.", 400)
    language = form["language"] if form.get("language") in LANGUAGE_NAMES else _language(request)
    try:
        await _decide(ctx, cell_of(request), link, form, language)
    except Refusal as refusal:
        return await _page(ctx, link, language, refusal, form)
    # Loading the page again must not send the form again.
    target = f"/orders/{quote(link, safe='')}" + (f"?language={language}" if language else "")
    return Response(status_code=303, headers={**_bare(), "Location": target})


async def _decide(
    ctx: Ctx[Invoicing], cell: Cell[Any], link: str, form: Mapping[str, str], language: str | None
) -> None:
    async def work(db: Connection) -> None:
        inside = ctx.inside(db)
        if form["decision"] == "refuse":
            await refuse_order(inside, link=link, reason=_checked(_REASON, form, "reason"))
            return
        await confirm_order(
            inside,
            link=link,
            name=_checked(_NAME, form, "name"),
            consent=form.get("consent") == "yes",
            language=language,
        )

    await in_transaction(cell.pools.write, work)


async def _page(
    ctx: Ctx[Invoicing],
    link: str,
    language: str | None,
    refusal: Refusal | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    try:
        offer = await load_offer(ctx, link)
    except LinkNotValid:
        return _html(None, language, PageState.INVALID, 404)
    except LinkExpired:
        return _html(None, language, PageState.EXPIRED, 410)
    state = state_of(offer.order, offer.today)
    spoken = language or offer.order.language
    view = _view(offer, link, spoken)
    if refusal is None:
        return _html(view, spoken, state, _STATUS.get(state, 200))
    if state is not PageState.OPEN:
        return _html(view, spoken, state, _STATUS.get(state, 409))
    told = replace(
        view,
        problem=_problem(refusal, spoken),
        problem_field=refusal.path[-1] if refusal.path else "",
        name=(form or {}).get("name", "")[:NAME_CHARACTERS_MAX],
    )
    return _html(told, spoken, state, 422)


def _view(offer: Offer, link: str, language: str) -> OrderView:
    return OrderView(
        order=offer.order,
        preview=offer.preview,
        seller=offer.seller,
        activity_name=offer.activity_name,
        terms=[text for text in [text_in(offer.late_payment, language)] if text],
        action_url=f"/orders/{quote(link, safe='')}",
    )


def _problem(refusal: Refusal, language: str) -> str:
    name = _PROBLEMS.get(type(refusal))
    return word(name, language) if name else refusal.message


def _checked(text: Text, form: Mapping[str, str], field: str) -> str:
    try:
        return text.check(form.get(field, "").replace("\r\n", "\n"))
    except Refusal as refusal:
        raise refusal.at(field) from None


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > FORM_BYTES_MAX:
            return None
    return bytes(body)


def _fields(body: bytes) -> dict[str, str] | None:
    try:
        return dict(
            parse_qsl(
                body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX
            )
        )
    except ValueError:  # bytes that are not text, or more fields than the form has
        return None


def _language(request: Request) -> str | None:
    asked = request.query_params.get("language", "")
    if asked in LANGUAGE_NAMES:
        return asked
    for choice in request.headers.get("accept-language", "")[:200].split(","):
        code = choice.partition(";")[0].partition("-")[0].strip().lower()
        if code in LANGUAGE_NAMES:
            return code
    return None


def _ctx(request: Request) -> Ctx[Invoicing]:
    given = request.headers.get("x-request-id", "")
    return cell_of(request).ctx(ANONYMOUS, given if _REQUEST_ID.fullmatch(given) else str(uuid7()))


def _html(view: OrderView | None, language: str | None, state: PageState, status: int) -> Response:
    text = render(view, language or "", state)
    return Response(text, status_code=status, headers=dict(headers()))


def _sentence(text: str, status: int) -> Response:
    return Response(f"{text}\n", status_code=status, headers=_bare(), media_type="text/plain")


def _bare() -> dict[str, str]:
    """The headers of an answer without the page: the policy of a page says nothing about it."""
    return {name: value for name, value in headers().items() if name != "Content-Type"}
