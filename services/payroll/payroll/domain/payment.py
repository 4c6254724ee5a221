"""The orders that pay a wage: one, and another each time the bank has returned the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from payroll.domain.errors import WageNotReturned, WageReturnedTooOften

ATTEMPTS_MAX: Final = 9  # the number is one digit of names that ISO 20022 limits to 35 characters


@dataclass(frozen=True, slots=True)
class Payment:
    """The order of a wage that counts: whose money it is, and what the bank did with it.

    `paid_on` and `returned_on` are both known where the bank executed the transfer and the money came back.
    """

    payslip_id: UUID
    attempt: int
    source: str
    funded_on: date
    paid_on: date | None = None
    returned_on: date | None = None

    @property
    def end_to_end_id(self) -> str:
        """What the bank calls the transfer, on each statement too."""
        return end_to_end_id(self.payslip_id, self.attempt)

    @property
    def message_id(self) -> str:
        """What the bank calls the file: it knows a repetition by it."""
        return f"W{self.end_to_end_id}"

    @property
    def effect_key(self) -> str:
        """What the sending of the file is called here."""
        return str(self.payslip_id) if self.attempt == 1 else f"{self.payslip_id}/{self.attempt}"


def end_to_end_id(payslip_id: UUID, attempt: int) -> str:
    """The number of a transfer: that of its payslip, and which attempt it is after the first."""
    return payslip_id.hex if attempt == 1 else f"{payslip_id.hex}-{attempt}"


def payslip_of(end_to_end_id: str) -> UUID | None:
    """The payslip that a transfer with this number pays; nothing where the number is not one of ours."""
    number, _, attempt = end_to_end_id.partition("-")
    if len(number) != 32 or (attempt and not attempt.isdecimal()):
        return None
    try:
        return UUID(number)
    except ValueError:
        return None


def pay_again(payment: Payment) -> Payment:
    """The order that follows a returned one; the fund gave its money for the first and is not asked again.

    Raises WageNotReturned while the wage is under way or paid, WageReturnedTooOften.
    """
    if payment.returned_on is None:
        raise WageNotReturned(payslip=payment.payslip_id, paid_on=payment.paid_on)
    if payment.attempt >= ATTEMPTS_MAX:
        raise WageReturnedTooOften(payslip=payment.payslip_id, attempts_max=ATTEMPTS_MAX)
    return Payment(
        payslip_id=payment.payslip_id,
        attempt=payment.attempt + 1,
        source=payment.source,
        funded_on=payment.funded_on,
    )
