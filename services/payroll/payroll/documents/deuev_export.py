"""Germany's notices to social insurance (DEÜV) and statement of contributions, as an export.

A line a person and regime for the notices, and a line a group of contributions for the statement
(Beitragsnachweis). Shape unverified: the data records of annex 4 were not at hand, and own sending needs a
certified system: the export is entered in the portal or handed to a partner.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from commons.money import total
from payroll.documents.return_text import UNVERIFIED, ReturnFile, alphanumeric, digits, fit, point
from payroll.domain.periodic_return import Form, PeriodicReturn, declared_at, declared_by_place


def write_deuev_export(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """Two files: the notices of persons, the statement of contributions. Raises ReturnLineWithoutPlace."""
    number = digits(wages.declarant.authority_number, 8)
    notices = [
        (
            alphanumeric(worker.identity.national_number, 12),
            fit(worker.identity.family_name, 30),
            fit(worker.identity.given_name, 30),
            form.codes.texts("person_groups")[record.regime],
            record.first_day.isoformat(),
            record.last_day.isoformat(),
            point(record.gross_wage),
        )
        for worker in wages.workers
        for record in worker.records
    ]
    owed = declared_at(declared_by_place(wages.records, form), "statement")
    statement = [(code, point(amount)) for code, amount in owed.items()]
    statement.append(("sum", point(total(list(owed.values()), wages.currency))))
    stem = f"{number}_{wages.period.start:%Y%m}.csv"
    heads = ("VSNR", "Name", "Vorname", "Personengruppe", "Beginn", "Ende", "Entgelt")
    return (
        ReturnFile(f"DEUEV_{stem}", _csv([heads, *notices])),
        ReturnFile(f"Beitragsnachweis_{stem}", _csv([("Beitragsgruppe", "Betrag"), *statement])),
    )


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    text.write(f"# {UNVERIFIED}\r\n")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
