from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from commons.country import load_country
from commons.money import Money
from invoicing.domain.errors import (
    ConsentMissing,
    CoverAlreadyDecided,
    LineNumberedTwice,
    MoreDoneThanOrdered,
    NameMissing,
    NegativeUnitPrice,
    NothingDoneYet,
    OrderAlreadyDecided,
    OrderExpired,
    OrderHasNoLines,
    OrderIsClosed,
    OrderIsDone,
    OrderIsInvoiced,
    OrderNotActive,
    OrderNotConfirmed,
    OrderNotDraft,
    OrderNotSent,
    TextTooLong,
    TooManyLines,
    UnknownOrderLine,
)
from invoicing.domain.invoice import issue, totals
from invoicing.domain.order import (
    LINES_MAX,
    ConfirmedBy,
    Cover,
    Order,
    OrderStatus,
    as_it_stands,
    cancel,
    confirm,
    decide_cover,
    draft_invoice,
    finish,
    part_done,
    refuse,
    send,
    start,
    to_be_invoiced,
)
from invoicing.domain.rules import invoicing_rules
from invoicing.domain.samples import SOME_ID, a_draft, a_seller, an_order

SENT = date(2026, 6, 10)
CONFIRMED = date(2026, 6, 15)
COVERED = Cover(True, (), CONFIRMED)


def sent() -> Order:
    return send(an_order(), SENT)


def confirmed() -> Order:
    return confirm(
        sent(), by=ConfirmedBy.BUYER, name="Jeanne Dupont", consent="Je confirme.", today=CONFIRMED
    )


def started() -> Order:
    return start(confirmed(), date(2026, 7, 1))


def test_an_order_goes_from_draft_to_done() -> None:
    order = an_order()
    states = [order.status]
    for order in (sent(), confirmed(), started(), finish(started(), date(2026, 7, 31))):
        states.append(order.status)
    assert states == [
        OrderStatus.DRAFT,
        OrderStatus.SENT,
        OrderStatus.CONFIRMED,
        OrderStatus.ACTIVE,
        OrderStatus.DONE,
    ]


def test_the_price_is_the_sum_of_rounded_lines() -> None:
    [line] = an_order().lines
    cheap = replace(line, quantity=Decimal("0.5"), unit_price=Decimal("0.01"))
    assert an_order([replace(cheap, id=str(i)) for i in range(3)]).price == Money.of("0.03", "EUR")


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        (an_order([]), OrderHasNoLines),
        (an_order([replace(an_order().lines[0], id=str(i)) for i in range(LINES_MAX + 1)]), TooManyLines),
        (an_order([an_order().lines[0]] * 2), LineNumberedTwice),
        (an_order([replace(an_order().lines[0], unit_price=Decimal(-1))]), NegativeUnitPrice),
        (replace(an_order(), valid_until=date(2026, 6, 9)), OrderExpired),
        (sent(), OrderNotDraft),
    ],
)
def test_an_order_that_cannot_be_offered_is_not_sent(order: Order, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        send(order, SENT)


def test_the_buyer_confirms_with_a_name_and_the_sentence() -> None:
    confirmation = confirmed().confirmation
    assert confirmation is not None
    assert (confirmation.name, confirmation.consent) == ("Jeanne Dupont", "Je confirme.")


@pytest.mark.parametrize(
    ("order", "name", "consent", "today", "refusal"),
    [
        (an_order(), "J", "yes", CONFIRMED, OrderNotSent),
        (sent(), "J", "", CONFIRMED, ConsentMissing),
        (sent(), "  ", "yes", CONFIRMED, NameMissing),
        (sent(), "J" * 121, "yes", CONFIRMED, TextTooLong),
        (sent(), "J", "yes", date(2026, 7, 1), OrderExpired),
        (confirmed(), "J", "yes", CONFIRMED, OrderAlreadyDecided),
        (refuse(sent(), reason="", today=CONFIRMED), "J", "yes", CONFIRMED, OrderAlreadyDecided),
    ],
)
def test_one_clear_decision_in_time_stands(
    order: Order, name: str, consent: str, today: date, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        confirm(order, by=ConfirmedBy.BUYER, name=name, consent=consent, today=today)


def test_the_last_valid_day_still_counts() -> None:
    last_day = an_order().valid_until
    assert confirm(sent(), by=ConfirmedBy.MEMBER, name="J", consent="paper", today=last_day).confirmation


def test_a_refusal_by_the_buyer_ends_the_order_and_is_told_apart_from_a_withdrawal() -> None:
    refused, withdrawn = (
        refuse(sent(), reason=" Trop cher ", today=CONFIRMED),
        cancel(sent(), reason="", done={}, today=SENT),
    )
    assert refused.status is withdrawn.status is OrderStatus.CANCELLED
    assert refused.cancellation is not None
    assert withdrawn.cancellation is not None
    assert (refused.cancellation.is_refusal, refused.cancellation.reason) == (True, "Trop cher")
    assert not withdrawn.cancellation.is_refusal


def test_an_order_cancelled_before_the_work_comes_to_nothing() -> None:
    for order, today in ((sent(), date(2026, 9, 1)), (confirmed(), date(2026, 6, 30))):
        cancelled = cancel(order, reason="", done={}, today=today)
        assert cancelled.status is OrderStatus.CANCELLED
        assert part_done(cancelled) is None
        with pytest.raises(OrderIsClosed):
            cancel(cancelled, reason="", done={}, today=today)
        with pytest.raises(NothingDoneYet):
            cancel(order, reason="", done={"1": Decimal(1)}, today=today)


def test_an_order_cancelled_during_the_work_comes_to_the_part_that_was_done() -> None:
    day = date(2026, 7, 10)
    part = part_done(cancel(confirmed(), reason="", done={"1": Decimal("2.5")}, today=day))
    assert part is not None
    assert part.price == Money.of("250.00", "EUR")
    assert (part.period.start, part.period.last) == (date(2026, 7, 1), day)
    assert to_be_invoiced(part, day).done_on == day
    assert part_done(cancel(confirmed(), reason="", done={}, today=day)) is None


@pytest.mark.parametrize("quantity", ["-1", "10.5"])
def test_no_less_than_nothing_and_no_more_than_was_ordered_is_done(quantity: str) -> None:
    with pytest.raises(MoreDoneThanOrdered):
        cancel(confirmed(), reason="", done={"1": Decimal(quantity)}, today=date(2026, 7, 10))
    with pytest.raises(UnknownOrderLine):
        cancel(confirmed(), reason="", done={"2": Decimal(1)}, today=date(2026, 7, 10))


def test_from_its_last_day_on_an_order_is_invoiced_and_not_cancelled() -> None:
    with pytest.raises(OrderIsDone):
        cancel(confirmed(), reason="", done={}, today=date(2026, 7, 31))
    with pytest.raises(OrderIsInvoiced):
        cancel(finish(started(), date(2026, 7, 31)), reason="", done={}, today=date(2026, 8, 1))


def test_the_fund_decides_once_about_a_confirmed_order() -> None:
    covered = decide_cover(confirmed(), COVERED)
    assert decide_cover(covered, replace(COVERED, decided_on=date(2026, 6, 16))) == covered
    with pytest.raises(CoverAlreadyDecided):
        decide_cover(covered, Cover(False, ("buyer_abroad",), CONFIRMED))
    with pytest.raises(OrderNotConfirmed):
        decide_cover(sent(), COVERED)


def test_work_starts_only_on_a_confirmed_order_and_ends_only_once_started() -> None:
    with pytest.raises(OrderNotConfirmed):
        start(sent(), CONFIRMED)
    with pytest.raises(OrderNotActive):
        finish(confirmed(), CONFIRMED)
    done = finish(started(), date(2026, 7, 31))
    for again in (start, finish):
        with pytest.raises(OrderIsClosed):
            again(done, date(2026, 8, 1))
    assert start(started(), date(2026, 7, 9)).started_on == date(2026, 7, 1)


def test_an_order_becomes_an_invoice_that_can_be_issued() -> None:
    rules = invoicing_rules(load_country("be", need=("country", "invoicing")))
    payment = a_draft().payment
    assert payment is not None
    draft = draft_invoice(
        confirmed(),
        id=SOME_ID,
        seller=a_seller(),
        rules=rules.vat,
        payment=payment,
        tax_point_date=date(2026, 7, 31),
    )
    invoice = issue(draft, number="F2026-000001", today=date(2026, 7, 31))
    assert totals(invoice).total_with_vat == Money.of("1210", "EUR")
    assert invoice.payment_due_date == date(2026, 8, 10)
    assert invoice.buyer_reference == "O2026-000007"
    assert invoice.period == confirmed().period


def test_confirmed_work_is_active_from_its_first_day_on() -> None:
    confirmed = confirm(
        send(an_order(), date(2026, 6, 10)),
        by=ConfirmedBy.BUYER,
        name="Sofie",
        consent="yes",
        today=date(2026, 6, 15),
    )
    assert as_it_stands(confirmed, date(2026, 6, 30)).status is OrderStatus.CONFIRMED
    assert as_it_stands(confirmed, date(2026, 7, 1)).status is OrderStatus.ACTIVE
    assert as_it_stands(an_order(), date(2026, 7, 1)).status is OrderStatus.DRAFT
