"""Austria's monthly statement of contribution bases (mBGM), as records of fixed width.

The fields have fixed lengths and every message a reference value (ELDA, as the health fund's pages say);
shape unverified: the record layout of the organisation description was not at hand, so the widths below are
ours.
"""

from __future__ import annotations

from typing import Final

from commons.money import Money, total
from payroll.documents.return_text import UNVERIFIED, ReturnFile, digits, latin1, padded
from payroll.domain.periodic_return import (
    Form,
    PeriodicReturn,
    Record,
    WorkerIdentity,
    declared_at,
    declared_by_place,
)

AMOUNT_DIGITS: Final = 11  # cents
LAYOUTS: Final = {
    "head": (("record", 2), ("account", 10), ("period", 6), ("reference", 40), ("created", 14), ("name", 50)),
    "insured": (
        ("record", 2),
        ("insurance_number", 10),
        ("family_name", 50),
        ("given_name", 50),
        ("tariff_group", 4),
        ("first_day", 8),
        ("last_day", 8),
    ),
    "base": (("record", 2), ("code", 3), ("amount", AMOUNT_DIGITS)),
    "position": (("record", 2), ("code", 3), ("amount", AMOUNT_DIGITS)),
    "trailer": (("record", 2), ("insured", 6), ("amount", AMOUNT_DIGITS)),
}
RECORD_NAMES: Final = {"head": "M1", "insured": "M3", "base": "M4", "position": "M5", "trailer": "M9"}


def write_mbgm(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """Head, insured persons with bases and positions, trailer; in ISO 8859-1, a record a line.

    Raises ReturnLineWithoutPlace, ReturnFieldUnfit, ReturnTextEmpty.
    """
    account = digits(wages.declarant.authority_number, 10)
    lines = [
        f"* {UNVERIFIED}",
        _record(
            "head",
            account=account,
            period=f"{wages.period.start:%m%Y}",
            reference=latin1(wages.reference, 40),
            created=f"{wages.created_at:%Y%m%d%H%M%S}",
            name=latin1(wages.declarant.name, 50),
        ),
    ]
    for worker in wages.workers:
        for record in worker.records:
            lines += _insured(worker.identity, record, form)
    owed = declared_at(declared_by_place(wages.records, form), "position")
    lines.append(
        _record(
            "trailer",
            insured=padded(len(wages.records), 6, "insured"),
            amount=_amount(total(list(owed.values()), wages.currency)),
        )
    )
    name = f"mBGM_{account}_{wages.period.start:%Y%m}.txt"
    return (ReturnFile(name, "".join(f"{line}\r\n" for line in lines).encode("latin-1")),)


def _insured(identity: WorkerIdentity, record: Record, form: Form) -> list[str]:
    declared = declared_by_place([record], form)
    lines = [
        _record(
            "insured",
            insurance_number=digits(identity.national_number, 10),
            family_name=latin1(identity.family_name, 50),
            given_name=latin1(identity.given_name, 50),
            tariff_group=form.codes.texts("tariff_groups")[record.regime],
            first_day=f"{record.first_day:%d%m%Y}",
            last_day=f"{record.last_day:%d%m%Y}",
        )
    ]
    for block in ("base", "position"):
        lines += [
            _record(block, code=code, amount=_amount(amount))
            for code, amount in declared_at(declared, block).items()
        ]
    return lines


def _record(kind: str, **values: str) -> str:
    cells = {"record": RECORD_NAMES[kind], **values}
    return "".join(cells[name][:width].ljust(width) for name, width in LAYOUTS[kind])


def _amount(amount: Money) -> str:
    return padded(amount.minor, AMOUNT_DIGITS, "amount")
