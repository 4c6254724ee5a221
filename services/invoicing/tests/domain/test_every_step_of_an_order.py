"""Every act on an order in every state is decided: it leads to a state, or is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from commons.refusal import Refusal
from invoicing.domain.order import (
    ConfirmedBy,
    Cover,
    Order,
    OrderStatus,
    cancel,
    confirm,
    decide_cover,
    finish,
    refuse,
    send,
    start,
)
from invoicing.domain.samples import an_order

DAY, LAST_DAY = date(2026, 6, 15), date(2026, 12, 1)
ACTS: dict[str, Callable[[Order], Order]] = {
    "send": lambda order: send(order, DAY),
    "confirm": lambda order: confirm(order, by=ConfirmedBy.BUYER, name="J", consent="yes", today=DAY),
    "refuse": lambda order: refuse(order, reason="", today=DAY),
    "cancel": lambda order: cancel(order, reason="", done={}, today=DAY),
    "cancel_after_the_work": lambda order: cancel(order, reason="", done={}, today=LAST_DAY),
    "decide_cover": lambda order: decide_cover(order, Cover(True, (), DAY)),
    "decide_otherwise": lambda order: decide_cover(order, Cover(False, ("buyer_abroad",), DAY)),
    "start": lambda order: start(order, DAY),
    "finish": lambda order: finish(order, LAST_DAY),
}
STATES: dict[str, tuple[str, ...]] = {
    "draft": (),
    "sent": ("send",),
    "confirmed": ("send", "confirm"),
    "confirmed and covered": ("send", "confirm", "decide_cover"),
    "active": ("send", "confirm", "decide_cover", "start"),
    "active before the verdict": ("send", "confirm", "start"),
    "done": ("send", "confirm", "decide_cover", "start", "finish"),
    "cancelled": ("send", "cancel"),
    "cancelled after its confirmation": ("send", "confirm", "decide_cover", "cancel"),
}
DECIDED: dict[str, dict[str, str]] = {
    "draft": {
        "send": "sent",
        "confirm": "OrderNotSent",
        "refuse": "OrderNotSent",
        "cancel": "cancelled",
        "cancel_after_the_work": "cancelled",
        "decide_cover": "OrderNotConfirmed",
        "decide_otherwise": "OrderNotConfirmed",
        "start": "OrderNotConfirmed",
        "finish": "OrderNotActive",
    },
    "sent": {
        "send": "OrderNotDraft",
        "confirm": "confirmed",
        "refuse": "cancelled",
        "cancel": "cancelled",
        "cancel_after_the_work": "cancelled",
        "decide_cover": "OrderNotConfirmed",
        "decide_otherwise": "OrderNotConfirmed",
        "start": "OrderNotConfirmed",
        "finish": "OrderNotActive",
    },
    "confirmed": {
        "send": "OrderNotDraft",
        "confirm": "OrderAlreadyDecided",
        "refuse": "OrderAlreadyDecided",
        "cancel": "cancelled",
        "cancel_after_the_work": "OrderIsDone",
        "decide_cover": "confirmed",
        "decide_otherwise": "confirmed",
        "start": "active",
        "finish": "OrderNotActive",
    },
    "confirmed and covered": {
        "send": "OrderNotDraft",
        "confirm": "OrderAlreadyDecided",
        "refuse": "OrderAlreadyDecided",
        "cancel": "cancelled",
        "cancel_after_the_work": "OrderIsDone",
        "decide_cover": "confirmed",
        "decide_otherwise": "CoverAlreadyDecided",
        "start": "active",
        "finish": "OrderNotActive",
    },
    "active": {
        "send": "OrderNotDraft",
        "confirm": "OrderAlreadyDecided",
        "refuse": "OrderAlreadyDecided",
        "cancel": "cancelled",
        "cancel_after_the_work": "OrderIsDone",
        "decide_cover": "active",
        "decide_otherwise": "CoverAlreadyDecided",
        "start": "active",
        "finish": "done",
    },
    "active before the verdict": {
        "send": "OrderNotDraft",
        "confirm": "OrderAlreadyDecided",
        "refuse": "OrderAlreadyDecided",
        "cancel": "cancelled",
        "cancel_after_the_work": "OrderIsDone",
        "decide_cover": "active",
        "decide_otherwise": "active",
        "start": "active",
        "finish": "done",
    },
    "done": {
        "send": "OrderNotDraft",
        "confirm": "OrderAlreadyDecided",
        "refuse": "OrderAlreadyDecided",
        "cancel": "OrderIsInvoiced",
        "cancel_after_the_work": "OrderIsInvoiced",
        "decide_cover": "done",
        "decide_otherwise": "CoverAlreadyDecided",
        "start": "OrderIsClosed",
        "finish": "OrderIsClosed",
    },
    "cancelled": {
        "send": "OrderNotDraft",
        "confirm": "OrderAlreadyDecided",
        "refuse": "OrderAlreadyDecided",
        "cancel": "OrderIsClosed",
        "cancel_after_the_work": "OrderIsClosed",
        "decide_cover": "OrderNotConfirmed",
        "decide_otherwise": "OrderNotConfirmed",
        "start": "OrderIsClosed",
        "finish": "OrderIsClosed",
    },
    "cancelled after its confirmation": {
        "send": "OrderNotDraft",
        "confirm": "OrderAlreadyDecided",
        "refuse": "OrderAlreadyDecided",
        "cancel": "OrderIsClosed",
        "cancel_after_the_work": "OrderIsClosed",
        "decide_cover": "cancelled",
        "decide_otherwise": "CoverAlreadyDecided",
        "start": "OrderIsClosed",
        "finish": "OrderIsClosed",
    },
}


def outcome(order: Order, act: str) -> str:
    try:
        return ACTS[act](order).status.value
    except Refusal as refusal:
        return type(refusal).__name__


def an_order_that(*acts: str) -> Order:
    order = an_order()
    for act in acts:
        order = ACTS[act](order)
    return order


def test_every_pair_of_state_and_act_is_decided_as_listed_here() -> None:
    walked = {
        state: {act: outcome(an_order_that(*acts), act) for act in ACTS} for state, acts in STATES.items()
    }
    assert walked == DECIDED


def test_every_status_is_walked() -> None:
    assert {an_order_that(*acts).status for acts in STATES.values()} == set(OrderStatus)
