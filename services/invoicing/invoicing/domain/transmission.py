"""How an issued invoice travels: in which documents, and how far it has come."""

from __future__ import annotations

from enum import StrEnum


class DocumentKind(StrEnum):
    """A document made of an issued invoice."""

    UBL = "ubl"  # the invoice itself, as the law understands it
    PDF = "pdf"  # a rendering of it, with the UBL inside


class TransmissionState(StrEnum):
    """Where an invoice is on its way to the buyer."""

    WAITING = "waiting"  # its documents are being made
    SENT = "sent"  # the network has it
    DELIVERED = "delivered"  # the receiver has it, with evidence
    BY_MAIL = "by_mail"  # the buyer is outside the network and got the PDF
    FAILED = "failed"  # a person must look at it
