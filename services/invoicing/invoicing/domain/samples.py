"""Sample parties, orders and invoices: fictitious, whole, and different only where a caller says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from commons.period import DateRange
from invoicing.domain.invoice import INVOICE, Invoice, InvoiceLine, PaymentInstructions
from invoicing.domain.numbering import shown_reference
from invoicing.domain.order import Order, OrderLine
from invoicing.domain.party import Address, Contact, Identifier, Party
from invoicing.domain.payment_term import PaymentTerm
from invoicing.domain.vat import STANDARD, VatTreatment

SOME_ID: Final = UUID("0190b2f0-0000-7000-8000-000000000001")
REFERENCE_FORM: Final = "be_structured_communication"
JULY: Final = DateRange(date(2026, 7, 1), date(2026, 8, 1))
AT_21: Final = VatTreatment("service", STANDARD, Decimal("0.21"))
AT_6: Final = VatTreatment("copyright", STANDARD, Decimal("0.06"))


def a_seller() -> Party:
    """A cooperative of Brussels."""
    return Party(
        name="Coopérative Exemple SC",
        trading_name="Coopérative Exemple",
        address=Address("Rue Coenraets 72", "Bruxelles", "1060", "BE"),
        vat_identifier="BE0896755397",
        legal_registration=Identifier("0896755397", "0208"),
        endpoint=Identifier("0896755397", "0208"),
        additional_legal_information="Société coopérative, RPM Bruxelles",
        contact=Contact("Facturation", "+32 2 000 00 00", "facturation@exemple.invalid"),
    )


def a_buyer() -> Party:
    """A Belgian company in the Peppol network."""
    return Party(
        name="Client SA",
        address=Address("Rue de la Loi 1", "Bruxelles", "1000", "BE"),
        vat_identifier="BE0202239951",
        legal_registration=Identifier("0202239951", "0208"),
        endpoint=Identifier("0202239951", "0208"),
    )


def a_german_buyer() -> Party:
    """A German company in the Peppol network."""
    return Party(
        name="Kunde GmbH",
        address=Address("Unter den Linden 1", "Berlin", "10117", "DE"),
        vat_identifier="DE136695976",
        legal_registration=Identifier("HRB 12345"),
        endpoint=Identifier("DE136695976", "9930"),
    )


def a_line(
    quantity: str = "1",
    price: str = "1000",
    *,
    id: str = "1",
    name: str = "Création d'un site",
    unit: str = "C62",
    vat: VatTreatment = AT_21,
    period: DateRange | None = None,
) -> InvoiceLine:
    """One line of an invoice."""
    return InvoiceLine(id, name, Decimal(quantity), unit, Decimal(price), "EUR", vat, period=period)


def a_draft(
    lines: Sequence[InvoiceLine] = (), *, buyer: Party | None = None, language: str = "fr"
) -> Invoice:
    """A draft invoice that only lacks its number and date."""
    return Invoice(
        id=SOME_ID,
        type_code=INVOICE,
        currency="EUR",
        seller=a_seller(),
        buyer=buyer or a_buyer(),
        lines=tuple(lines) or (a_line(period=JULY),),
        language=language,
        payment_term=PaymentTerm(10),
        buyer_reference="PO-2026-17",
        project_reference="Atelier Web",
        payment=PaymentInstructions(
            "BE71096123456769",
            shown_reference(REFERENCE_FORM, 1, 42),
            "Coopérative Exemple SC",
        ),
    )


def an_order(lines: Sequence[OrderLine] | None = None, *, language: str = "fr") -> Order:
    """A draft order for work in July 2026."""
    one = OrderLine("1", "Création d'un site", "service", JULY, Decimal(10), "DAY", Decimal(100), "EUR")
    return Order(
        id=SOME_ID,
        entity_id=SOME_ID,
        activity_id=SOME_ID,
        member_id=SOME_ID,
        buyer_id=SOME_ID,
        buyer=a_buyer(),
        number="O2026-000007",
        currency="EUR",
        language=language,
        lines=(one,) if lines is None else tuple(lines),
        payment_term=PaymentTerm(10),
        valid_until=date(2026, 6, 30),
    )
