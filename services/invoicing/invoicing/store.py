"""Between tables and domain values: what is loaded and stored in the same way by several capabilities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from commons import ledger
from commons.claims import Claims
from commons.context import Ctx
from commons.database import Connection, Record
from commons.money import Money
from commons.period import DateRange
from invoicing.archive import keep_invoice
from invoicing.domain.activity import Activity, ActivityRole, Participation
from invoicing.domain.books import Account
from invoicing.domain.errors import (
    BuyerMustDecide,
    LinkNotValid,
    MembershipEnded,
    MembershipNotPaid,
    NotAdmitted,
    UnknownActivity,
    UnknownInvoice,
    UnknownOrder,
    UnknownPayment,
)
from invoicing.domain.invoice import Invoice, InvoiceLine, PaymentInstructions, totals, vat_breakdown
from invoicing.domain.order import (
    Cancellation,
    Confirmation,
    ConfirmedBy,
    Cover,
    Order,
    OrderLine,
    as_it_stands,
    draft_invoice,
)
from invoicing.domain.party import Address, Identifier, Party
from invoicing.domain.payment_term import PaymentTerm
from invoicing.domain.registration import registration_number
from invoicing.domain.rules import InvoicingRules
from invoicing.domain.vat import Texts
from invoicing.rows import ActivityRow, InvoiceLineRow, OrderLineRow, OrderRow, VatSubtotalRow
from invoicing.service import Invoicing, OrderLinks, link_expiry
from invoicing.sql import SQL


class Reader(Protocol):
    """A connection or a pool: what reads."""

    async def fetch(self, query: str, *args: object) -> list[Record]:
        """All rows."""

    async def fetchrow(self, query: str, *args: object) -> Record | None:
        """The first row."""


# --- parties ------------------------------------------------------------------------------------------------


def seller_from(row: Record, rules: InvoicingRules, day: date) -> Party:
    """A legal entity as a seller, with its electronic address on a day."""
    schemes = rules.endpoint_schemes.on(day)
    return Party(
        name=row["name"],
        address=Address(row["street"], row["city"], row["post_code"], row["country"]),
        vat_identifier=row["vat_number"],
        legal_registration=Identifier(row["enterprise_number"], schemes.home),
        endpoint=schemes.endpoint(row["country"], row["vat_number"], row["enterprise_number"]),
        additional_legal_information=row["legal_form"],
    )


def buyer_from(row: Record, rules: InvoicingRules, day: date) -> Party:
    """A client as a buyer, with its electronic address on a day."""
    schemes = rules.endpoint_schemes.on(day)
    vat = row["vat_number"]
    registration = registration_number(vat, schemes.home_country, rules.enterprise_numbering)
    return Party(
        name=row["name"],
        address=Address(row["street"], row["city"], row["post_code"], row["country"]),
        vat_identifier=vat,
        legal_registration=Identifier(registration, schemes.home) if registration else None,
        endpoint=schemes.endpoint(row["country"], vat, registration),
    )


# --- members and activities ---------------------------------------------------------------------------------


async def check_admitted(db: Connection, member_id: UUID | None, entity_id: UUID) -> None:
    """Raises NotAdmitted, MembershipEnded."""
    standing = await db.fetchrow(SQL["member_standing"], member_id, entity_id)
    if standing is None or standing["admitted_on"] is None:
        raise NotAdmitted(entity=entity_id)
    if standing["resigned_on"] is not None:
        raise MembershipEnded(entity=entity_id, resigned_on=standing["resigned_on"])


async def check_may_bring_money(db: Connection, member_id: UUID, entity_id: UUID, today: date) -> None:
    """New money needs a share paid for the year; what is in the budget does not.

    Raises MembershipNotPaid, MembershipEnded.
    """
    standing = await db.fetchrow(SQL["member_standing"], member_id, entity_id)
    if standing is not None and standing["resigned_on"] is not None:
        raise MembershipEnded(entity=entity_id, resigned_on=standing["resigned_on"])
    entitled_until = standing["entitled_until"] if standing else None
    if entitled_until is None or entitled_until < today:
        raise MembershipNotPaid(entity=entity_id, entitled_until=entitled_until, today=today)


async def check_may_invoice(db: Connection, member_id: UUID, entity_id: UUID, today: date) -> None:
    """What was agreed before a member left is invoiced all the same: it is in the budget, or owed to it.

    For everybody else an invoice is new money. Raises MembershipNotPaid.
    """
    standing = await db.fetchrow(SQL["member_standing"], member_id, entity_id)
    if standing is None or standing["resigned_on"] is None:
        await check_may_bring_money(db, member_id, entity_id, today)


async def load_activity(db: Connection, activity_id: UUID) -> Activity:
    """The domain's activity. Raises UnknownActivity."""
    row = await db.fetchrow(SQL["activity"], activity_id)
    if row is None:
        raise UnknownActivity(activity=activity_id)
    roles = await db.fetch(SQL["participations"], activity_id)
    return Activity(
        id=row["id"],
        entity_id=row["entity_id"],
        member_id=row["member_id"],
        name=row["name"],
        opened_on=row["opened_on"],
        participations=tuple(Participation(each["member_id"], ActivityRole(each["role"])) for each in roles),
        closed_on=row["closed_on"],
    )


async def activity_row(db: Connection, activity_id: UUID) -> ActivityRow:
    """An activity as the API shows it, read in the transaction that changed it."""
    [row] = await db.fetch(SQL["activities_by_key"], [activity_id])
    return ActivityRow(*row)


async def open_accounts(db: Connection, accounts: Iterable[Account], currency: str) -> None:
    """Open accounts in the ledger; again changes nothing."""
    for account in accounts:
        await ledger.open_account(
            db, account.id, account.code, currency, account.kind.value, account.owner, account.floor_minor
        )


# --- payments -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Debt:
    """An issued invoice, locked in this transaction, and what is settled of it."""

    id: UUID
    entity_id: UUID
    order_id: UUID
    activity_id: UUID
    buyer_id: UUID
    total: Money
    budget: Money
    paid: Money
    credited: Money
    written_off: Money
    payment_due_date: date | None
    given_up: Money | None
    loss: Money

    def recovered_loss(self, amount: Money) -> Money:
        """How much of a booked loss an amount brings back that is paid now."""
        if self.given_up is None:
            return Money.zero(amount.currency)
        before = min(self.given_up - self.written_off, self.loss)
        after = min(self.given_up - max(self.written_off - amount, Money.zero(amount.currency)), self.loss)
        return after - before

    @property
    def payable(self) -> Money:
        """What a payment may still take; what was written off is taken too, when it comes after all."""
        return self.total - self.paid - self.credited


async def lock_debt(db: Connection, invoice_id: UUID) -> Debt:
    """The invoice, nobody else's until this transaction ends. Raises UnknownInvoice."""
    row = await db.fetchrow(SQL["lock_debt"], invoice_id)
    if row is None:
        raise UnknownInvoice(invoice=invoice_id)
    return _debt(row)


async def lock_debt_by_reference(db: Connection, reference: str, entity_id: UUID) -> Debt | None:
    """The invoice of an entity that a payment's reference names; None where it names none."""
    row = await db.fetchrow(SQL["lock_debt_by_reference"], reference, entity_id)
    return None if row is None else _debt(row)


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """A payment, locked in this transaction, and what of it is in suspense."""

    id: UUID
    entity_id: UUID
    in_suspense: Money


async def lock_payment(db: Connection, payment_id: UUID) -> OpenPayment:
    """A payment that a person decides about. Raises UnknownPayment."""
    row = await db.fetchrow(SQL["lock_payment"], payment_id)
    if row is None:
        raise UnknownPayment(payment=payment_id)
    open_minor = await db.fetchval(SQL["open_of_payment"], payment_id)
    return OpenPayment(row["id"], row["entity_id"], Money(open_minor or 0, row["currency"]))


def _debt(row: Record) -> Debt:
    currency = row["currency"]
    return Debt(
        id=row["id"],
        entity_id=row["entity_id"],
        order_id=row["order_id"],
        activity_id=row["activity_id"],
        buyer_id=row["buyer_id"],
        total=Money(row["total_with_vat_minor"], currency),
        budget=Money(row["total_without_vat_minor"] - row["contribution_minor"], currency),
        paid=Money(row["paid_minor"], currency),
        credited=Money(row["credited_minor"], currency),
        written_off=Money(row["written_off_minor"], currency),
        payment_due_date=row["payment_due_date"],
        given_up=None if row["given_up_minor"] is None else Money(row["given_up_minor"], currency),
        loss=Money(row["loss_minor"] or 0, currency),
    )


# --- orders -------------------------------------------------------------------------------------------------


def order_from(row: Record, lines: Iterable[Record], buyer: Party) -> Order:
    """The domain's order."""
    return Order(
        id=row["id"],
        entity_id=row["entity_id"],
        activity_id=row["activity_id"],
        member_id=row["member_id"],
        buyer_id=row["buyer_id"],
        buyer=buyer,
        number=row["number"],
        currency=row["currency"],
        language=row["language"],
        lines=tuple(
            OrderLine(
                id=str(line["position"]),
                description=line["description"],
                nature=line["nature"],
                period=DateRange.inclusive(line["first_day"], line["last_day"]),
                quantity=line["quantity"],
                unit=line["unit"],
                unit_price=line["unit_price"],
                currency=row["currency"],
                done_quantity=line["done_quantity"],
            )
            for line in lines
        ),
        payment_term=PaymentTerm(row["payment_term_days"]),
        valid_until=row["valid_until"],
        buyer_reference=row["buyer_reference"],
        sent_on=row["sent_on"],
        confirmation=_confirmation(row),
        cancellation=_cancellation(row),
        cover=_cover(row),
        # The work itself is payroll's: that it began is known here when it is done.
        started_on=row["done_on"],
        done_on=row["done_on"],
    )


def preview(order: Order, seller: Party, iban: str, rules: InvoicingRules) -> Invoice:
    """The order as a draft invoice on its last day of work, for the VAT.

    The day is the order's own, so the price a buyer agrees to does not change from one day to the next.
    """
    return draft_invoice(
        order,
        id=order.id,
        seller=seller,
        rules=rules.vat,
        payment=PaymentInstructions(iban, order.number, seller.name),
        tax_point_date=order.period.last,
    )


async def load_order(db: Connection, order_id: UUID, rules: InvoicingRules) -> Order:
    """The domain's order, its row locked until the end of the transaction. Raises UnknownOrder."""
    row = await db.fetchrow(SQL["order_for_update"], order_id)
    if row is None:
        raise UnknownOrder(order=order_id)
    return await _with_parts(db, row, rules)


async def order_rows(ctx: Ctx[Invoicing], db: Reader, records: Sequence[Record]) -> list[OrderRow]:
    """Orders as the API shows them on their entity's day, with lines and VAT, in a few statements."""
    if not records:
        return []
    rules = ctx.service.rules
    lines: dict[str, list[Record]] = defaultdict(list)
    for line in await db.fetch(SQL["order_lines_by_order"], [record["id"] for record in records]):
        lines[line["order_id"]].append(line)
    buyer_ids = list({record["buyer_id"] for record in records})
    buyers = {row["id"]: row for row in await db.fetch(SQL["parties_by_key"], buyer_ids)}
    entity_ids = list({record["entity_id"] for record in records})
    sellers = {row["id"]: row for row in await db.fetch(SQL["sellers_by_key"], entity_ids)}
    days = {key: await ctx.today(key) for key in entity_ids}
    activity_ids = list({record["activity_id"] for record in records})
    found = await db.fetch(SQL["participants_by_activity"], activity_ids)
    participants = {row["activity_id"]: row["participants"] for row in found}
    return [
        _order_row(
            record,
            lines[str(record["id"])],
            buyers[str(record["buyer_id"])],
            sellers[record["entity_id"]],
            rules,
            days[record["entity_id"]],
            participants[record["activity_id"]],
        )
        for record in records
    ]


def line_rows(order: Order) -> list[OrderLineRow]:
    """The lines as the API shows them."""
    return [
        OrderLineRow(
            position=int(line.id),
            description=line.description,
            nature=line.nature,
            first_day=line.period.start,
            last_day=line.period.last,
            quantity=line.quantity,
            unit=line.unit,
            unit_price=line.unit_price,
            net_amount=line.net_amount,
            done_quantity=line.done_quantity,
        )
        for line in order.lines
    ]


def vat_rows(invoice: Invoice) -> list[VatSubtotalRow]:
    """The VAT as the API shows it."""
    return [
        VatSubtotalRow(
            category_code=subtotal.category_code,
            rate=subtotal.rate,
            taxable_amount=subtotal.taxable_amount,
            tax_amount=subtotal.tax_amount,
            exemption_reason=subtotal.exemption_reason,
        )
        for subtotal in vat_breakdown(invoice)
    ]


def invoice_line_row(line: InvoiceLine) -> InvoiceLineRow:
    """A line of an invoice as the API shows it."""
    return InvoiceLineRow(
        id=line.id,
        item_name=line.item_name,
        invoiced_quantity=line.invoiced_quantity,
        unit=line.unit,
        item_net_price=line.item_net_price,
        line_net_amount=line.line_net_amount,
        nature=line.vat.nature,
        vat_category_code=line.vat.category_code,
        vat_rate=line.vat.rate,
        start_date=line.period.start if line.period else None,
        end_date=line.period.last if line.period else None,
    )


async def store_document(
    db: Connection,
    order: Order,
    document: Invoice,
    contribution: Money,
    *,
    series: str,
    year: int,
    counter: int,
    reference: str | None = None,
    preceding_invoice_id: UUID | None = None,
) -> None:
    """Keep an issued invoice or credit note of an order; it is on its way to the buyer from then on."""
    sums = totals(document)
    await db.execute(
        SQL["insert_invoice"],
        document.id,
        order.entity_id,
        order.id,
        order.activity_id,
        order.member_id,
        order.buyer_id,
        document.type_code,
        series,
        year,
        counter,
        document.number,
        document.issue_date,
        document.payment_due_date,
        document.currency,
        sums.total_without_vat.minor,
        sums.total_vat.minor,
        sums.total_with_vat.minor,
        contribution.minor,
        reference,
        document.language,
        keep_invoice(document),
        preceding_invoice_id,
    )
    await db.execute(SQL["insert_transmission"], document.id, document.issue_date)


# --- what the holder of a link sees -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """An order with all that its buyer may know about it."""

    order: Order
    title: str
    preview: Invoice
    seller: Party
    activity_name: str
    late_payment: Texts
    today: date


async def load_offer(ctx: Ctx[Invoicing], token: str, *, is_to_be_decided: bool = False) -> Offer:
    """The order of a link; to be decided, it is locked first.

    Raises LinkNotValid, LinkExpired, and BuyerMustDecide where somebody else would decide.
    """
    order_id = ctx.service.links.read(token, ctx.clock.now())
    db: Reader = ctx.db if is_to_be_decided else ctx.read
    row = await db.fetchrow(SQL["order_for_update" if is_to_be_decided else "order"], order_id)
    # A link is only ever made for an order that was sent.
    if row is None or row["sent_on"] is None:
        raise LinkNotValid()
    if is_to_be_decided:
        check_is_buyer(ctx.who, row["member_id"])
    rules = ctx.service.rules
    order = await _with_parts(db, row, rules)
    entity = await db.fetchrow(SQL["entity"], order.entity_id)
    activity = await db.fetchrow(SQL["activity"], order.activity_id)
    assert entity is not None, "an order refers to its entity"
    assert activity is not None, "an order refers to its activity"
    day = order.period.last
    seller = seller_from(entity, rules, day)
    return Offer(
        order=order,
        title=row["title"],
        preview=preview(order, seller, entity["iban"], rules),
        seller=seller,
        activity_name=activity["name"],
        late_payment=rules.late_payment.on(day),
        today=await ctx.today(order.entity_id),
    )


def check_is_buyer(who: Claims, member_id: UUID) -> None:
    """A buyer has no account here: neither the order's own member nor anybody with a role decides.

    The guarantee fund stands for an order because its buyer said yes. Raises BuyerMustDecide.
    """
    if who.roles or who.member_id == member_id:
        raise BuyerMustDecide()


def link_of(row: Record, links: OrderLinks, time_zone: ZoneInfo) -> str | None:
    """The address of the page of an order; nothing before it is sent."""
    if row["sent_at"] is None:
        return None
    expires_at = link_expiry(
        is_simulated=row["simulated"],
        sent_at=row["sent_at"],
        valid_until=row["valid_until"],
        time_zone=time_zone,
    )
    return links.url(links.sign(row["id"], expires_at))


async def _with_parts(db: Reader, row: Record, rules: InvoicingRules) -> Order:
    lines = await db.fetch(SQL["order_lines"], row["id"])
    buyer = await db.fetchrow(SQL["party"], row["buyer_id"])
    assert buyer is not None, "an order refers to its buyer"
    return order_from(row, lines, buyer_from(buyer, rules, _last_day(lines)))


def _order_row(
    record: Record,
    lines: Sequence[Record],
    buyer: Record,
    entity: Record,
    rules: InvoicingRules,
    today: date,
    participants: list[str],
) -> OrderRow:
    day = _last_day(lines)
    order = order_from(record, lines, buyer_from(buyer, rules, day))
    invoice = preview(order, seller_from(entity, rules, day), entity["iban"], rules)
    sums = totals(invoice)
    cancellation = order.cancellation
    return OrderRow(
        key=str(order.id),
        entity_id=str(order.entity_id),
        activity_id=str(order.activity_id),
        member_id=str(order.member_id),
        buyer_id=str(order.buyer_id),
        number=order.number,
        title=record["title"],
        state=as_it_stands(order, today).status.value,
        language=order.language,
        lines=line_rows(order),
        start_date=order.period.start,
        end_date=order.period.last,
        total_without_vat=sums.total_without_vat,
        total_vat=sums.total_vat,
        total_with_vat=sums.total_with_vat,
        vat_breakdown=vat_rows(invoice),
        contribution=Money(record["contribution_minor"], record["currency"]),
        buyer_reference=order.buyer_reference,
        payment_term_days=order.payment_term.days,
        valid_until=order.valid_until,
        drafted_on=record["drafted_on"],
        sent_on=order.sent_on,
        sent_at=record["sent_at"],
        confirmed_by=record["confirmed_by"],
        confirmed_on=record["confirmed_on"],
        cancel_reason=cancellation.reason if cancellation else None,
        is_refused=bool(cancellation and cancellation.is_refusal),
        cancelled_on=record["cancelled_on"],
        is_covered=record["is_covered"],
        cover_decided_on=record["cover_decided_on"],
        done_on=order.done_on,
        participants=participants,
    )


def _last_day(lines: Sequence[Record]) -> date:
    last: date = max(line["last_day"] for line in lines)
    return last


def _confirmation(row: Record) -> Confirmation | None:
    if row["confirmed_on"] is None:
        return None
    return Confirmation(
        ConfirmedBy(row["confirmed_by"]), row["confirmed_name"], row["consent"], row["confirmed_on"]
    )


def _cancellation(row: Record) -> Cancellation | None:
    if row["cancelled_on"] is None:
        return None
    return Cancellation(row["cancel_reason"], row["is_refusal"], row["cancelled_on"])


def _cover(row: Record) -> Cover | None:
    if row["is_covered"] is None:
        return None
    return Cover(row["is_covered"], tuple(row["cover_reasons"]), row["cover_decided_on"])
