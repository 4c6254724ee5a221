"""The page behind the signed link, on which a buyer reads a quote and decides."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined, Template

from invoicing.documents import formats
from invoicing.documents.words import word
from invoicing.domain.invoice import Invoice, totals, vat_breakdown
from invoicing.domain.order import NAME_CHARACTERS_MAX, REASON_CHARACTERS_MAX, Order, OrderStatus, part_done
from invoicing.domain.party import Party

LANGUAGE_NAMES: Final = {"fr": "Français", "nl": "Nederlands", "en": "English", "de": "Deutsch"}


class PageState(StrEnum):
    """What the page can say."""

    OPEN = "open"  # the buyer may decide
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"  # after the buyer had confirmed; what was done before is invoiced
    EXPIRED = "expired"
    INVALID = "invalid"  # nothing is known about the order, nothing about it is shown


@dataclass(frozen=True, slots=True)
class OrderView:
    """What the page shows of an order.

    It names the activity and not the member. `preview` is the order as a draft invoice, for the VAT;
    `action_url` is where the forms post: `decision` (`confirm` or `refuse`), `name` and `consent` for a yes,
    `reason` for a no. `problem` is the sentence of a refused attempt, `problem_field` the field it is about,
    and `name` what had been typed.
    """

    order: Order
    preview: Invoice
    seller: Party
    activity_name: str
    terms: Sequence[str]
    action_url: str
    problem: str = ""
    problem_field: str = ""
    name: str = ""


def state_of(order: Order, today: date) -> PageState:
    """The state of the page for an order on a day; a draft is not shown to anyone."""
    if order.cancellation is not None and order.confirmation is not None:
        return PageState.CANCELLED
    if order.cancellation is not None:
        return PageState.REFUSED if order.cancellation.is_refusal else PageState.WITHDRAWN
    if order.status is OrderStatus.DRAFT:
        return PageState.INVALID
    if order.confirmation is not None:
        return PageState.CONFIRMED
    return PageState.EXPIRED if order.is_expired(today) else PageState.OPEN


def consent_sentence(order: Order, preview: Invoice, language: str) -> str:
    """The sentence a buyer agrees to; it is kept with the confirmation."""
    language = formats.language_of(language)
    return word(
        "consent",
        language,
        buyer=order.buyer.name,
        number=order.number,
        total=formats.money(totals(preview).total_with_vat, language),
    )


def render(order_view: OrderView | None, language: str, state: PageState) -> str:
    """The whole page as HTML; without a view only INVALID and EXPIRED can be said."""
    language = formats.language_of(language)
    view = order_view if state is not PageState.INVALID else None
    assert view is not None or state in (PageState.INVALID, PageState.EXPIRED), "this state needs an order"
    return _template().render(
        language=language,
        languages=[(code, name) for code, name in LANGUAGE_NAMES.items() if code != language],
        css=_css(),
        state=state.value,
        message=_message(state, language, view),
        quote=_quote(view, language) if view else None,
        w=_Words(language),
    )


def headers() -> Mapping[str, str]:
    """The response headers the page needs: nothing but its own style and its own forms may work on it.

    The address holds the token, so the page is not cached and no other site learns where a visitor came from.
    """
    digest = base64.b64encode(hashlib.sha256(_css().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one language for the template: `w('confirm')`."""

    language: str

    def __call__(self, name: str, **facts: str) -> str:
        return word(name, self.language, **facts)


def _message(state: PageState, language: str, view: OrderView | None) -> tuple[str, str] | None:
    if state is PageState.OPEN:
        return None
    activity = view.activity_name if view else ""
    if not activity and state is PageState.EXPIRED:
        return word("expired_title", language), word("invalid_text", language)
    if view is not None and state is PageState.CANCELLED:
        return word("cancelled_title", language), _what_is_left(view.order, language)
    return word(f"{state}_title", language), word(f"{state}_text", language, activity=activity)


def _what_is_left(order: Order, language: str) -> str:
    """What the buyer of a cancelled order still owes: the part done, or nothing."""
    assert order.cancellation is not None, "the state says so"
    day = formats.day(order.cancellation.cancelled_on, language)
    part = part_done(order)
    if part is None:
        return word("cancelled_text", language, day=day)
    return word("cancelled_part_text", language, day=day, price=formats.money(part.price, language))


def _quote(view: OrderView, language: str) -> Mapping[str, object]:
    order, sums = view.order, totals(view.preview)
    seller = view.seller
    contact = seller.contact
    return {
        "number": order.number,
        "seller": seller.trading_name or seller.name,
        "seller_lines": _seller_lines(seller, language),
        "buyer": order.buyer.name,
        "activity": view.activity_name,
        "email": contact.email if contact else "",
        "valid_until": formats.day(order.valid_until, language),
        "period": formats.days(order.period, language),
        "term": word("term_days", language, days=str(order.payment_term.days)),
        "terms": list(view.terms),
        "note": order.note,
        "lines": [
            {
                "name": line.item_name,
                "dates": formats.days(line.period, language) if line.period else "",
                "price": f"{formats.quantity(line.invoiced_quantity, line.unit, language)} × "
                f"{formats.unit_price(line.item_net_price, line.currency, language)}",
                "amount": formats.money(line.line_net_amount, language),
            }
            for line in view.preview.lines
        ],
        "without_vat": formats.money(sums.total_without_vat, language),
        "vat": [
            {
                "rate": formats.rate(subtotal.rate, language),
                "amount": formats.money(subtotal.tax_amount, language),
                "reason": subtotal.exemption_reason,
            }
            for subtotal in vat_breakdown(view.preview)
        ],
        "total": formats.money(sums.total_with_vat, language),
        "consent": consent_sentence(order, view.preview, language),
        "action_url": view.action_url,
        "problem": view.problem,
        "problem_field": view.problem_field,
        "name": view.name,
        "name_max": NAME_CHARACTERS_MAX,
        "reason_max": REASON_CHARACTERS_MAX,
    }


def _seller_lines(seller: Party, language: str) -> list[str]:
    address = seller.address
    lines = [
        seller.name if seller.trading_name else "",
        address.street,
        f"{address.country} {address.post_code} {address.city}",
        f"{word('vat_number', language)} {seller.vat_identifier}" if seller.vat_identifier else "",
        seller.additional_legal_information,
    ]
    return [line for line in lines if line]


@cache
def _css() -> str:
    return (files(__package__) / "order.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def _template() -> Template:
    return _environment().from_string((files(__package__) / "order.html").read_text(encoding="utf-8"))
