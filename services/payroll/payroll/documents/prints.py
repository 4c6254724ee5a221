"""Print a payslip as it was computed, from what the database keeps."""

from __future__ import annotations

from uuid import UUID

from commons.database import Record
from payroll.archive import payslip_from
from payroll.documents.payslip_pdf import PayslipHeader, render_payslip
from payroll.domain.law import PayrollLaw
from payroll.domain.person import Person


def print_payslip(row: Record, person: Person, language: str | None, law: PayrollLaw) -> bytes:
    """The PDF of a payslip in a language, else in the member's. It takes a moment: not for an event loop."""
    header = PayslipHeader(
        employer_name=row["entity_name"],
        employer_rows=(row["street"], f"{row['post_code']} {row['city']}", row["enterprise_number"]),
        worker_name=person.holder_name,
        worker_rows=(),
        reference=f"{row['period_end']:%Y-%m}-{UUID(row['id']).hex[-8:]}",
        first_day=row["period_start"],
        last_day=row["period_end"],
        due_date=row["due_date"],
        is_simulated=row["simulated"],
        own_words=law.payslip_words(),
        decimals=law.country.decimals_shown,
    )
    return render_payslip(payslip_from(row), header, language or row["language"])
