"""France's monthly return of wages and contributions (DSN), as NEODeS text: one rubric a line.

Blocks and rubrics follow older editions of the technical specification and public files; shape unverified:
the tables of CT2026 were not at hand. Not in it: the slips of payment by collecting body (S21.G00.20 to 23,
whose CTP table was not found) and the social net amount (S21.G00.58), which the engine does not compute.
"""

from __future__ import annotations

from typing import Final

from commons.money import Money, total
from payroll.documents.return_text import (
    UNVERIFIED,
    ReturnFile,
    alphanumeric,
    day_first,
    digits,
    latin1,
    point,
)
from payroll.domain.periodic_return import (
    Form,
    PaidWork,
    PeriodicReturn,
    Record,
    WorkerIdentity,
    declared_at,
    declared_by_place,
)

NAME_MAX: Final = 80
# Whether it replaces an accepted one and whether anybody is in it: normal, or "annule et remplace".
TYPES: Final = {(False, True): "01", (False, False): "02", (True, True): "03", (True, False): "05"}
Rubrics = list[tuple[str, str]]


def write_dsn(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """The message of one establishment and month, in ISO 8859-1.

    The first line is a remark, not a rubric: whoever sends the file takes it away when the shape is verified.
    Raises ReturnLineWithoutPlace, ReturnTextEmpty.
    """
    rubrics = _head(wages, form)
    for worker in wages.workers:
        rubrics += _person(worker.identity)
        for record in worker.records:
            for work in record.works:
                rubrics += _contract(work, form)
            for work in record.works:
                rubrics += _payment(work, form)
            rubrics += _contributions(record, wages, form)
    # The trailer counts every rubric, itself too.
    rubrics += [("S90.G00.90.001", str(len(rubrics) + 2)), ("S90.G00.90.002", "1")]
    lines = [f"# {UNVERIFIED}", *(f"{code},'{value}'" for code, value in rubrics)]
    name = f"DSN_{digits(wages.declarant.authority_number, 14)}_{wages.period.start:%Y%m}.txt"
    return (ReturnFile(name, "".join(f"{line}\r\n" for line in lines).encode("latin-1")),)


def _head(wages: PeriodicReturn, form: Form) -> Rubrics:
    declarant, siret = wages.declarant, digits(wages.declarant.authority_number, 14)
    return [
        ("S10.G00.00.001", "Partage"),
        ("S10.G00.00.003", "1"),
        ("S10.G00.00.005", "02"),
        ("S10.G00.00.006", form.codes.text("norm")),
        ("S10.G00.00.008", "01"),
        ("S10.G00.01.001", siret[:9]),
        ("S10.G00.01.002", siret[9:]),
        ("S10.G00.01.003", latin1(declarant.name, NAME_MAX)),
        ("S10.G00.02.002", latin1(declarant.contact_name, NAME_MAX)),
        ("S10.G00.02.004", latin1(declarant.contact_email, 100)),
        ("S10.G00.02.005", digits(declarant.contact_phone, 20)),
        ("S20.G00.05.001", "01"),
        ("S20.G00.05.002", TYPES[wages.replaces is not None, bool(wages.workers)]),
        ("S20.G00.05.003", "11"),
        ("S20.G00.05.004", latin1(wages.reference, 15)),
        ("S20.G00.05.005", day_first(wages.period.start)),
        ("S20.G00.05.007", day_first(wages.created_at.date())),
        ("S20.G00.05.010", "01"),
        ("S21.G00.06.001", siret[:9]),
        ("S21.G00.06.002", siret[9:]),
        ("S21.G00.11.001", siret[9:]),
    ]


def _person(identity: WorkerIdentity) -> Rubrics:
    # Profiles keep the NIR with its key; two letters stand in the numbers of Corsica.
    rubrics = [
        ("S21.G00.30.001", alphanumeric(identity.national_number, 15)[:13]),
        ("S21.G00.30.002", latin1(identity.family_name, NAME_MAX)),
        ("S21.G00.30.004", latin1(identity.given_name, NAME_MAX)),
    ]
    if identity.birth_date is not None:
        rubrics.append(("S21.G00.30.006", day_first(identity.birth_date)))
    return rubrics


def _contract(work: PaidWork, form: Form) -> Rubrics:
    return [
        ("S21.G00.40.001", day_first(work.first_day)),
        ("S21.G00.40.007", form.codes.texts("contract_natures")[work.regime]),
        ("S21.G00.40.009", _contract_number(work)),
        ("S21.G00.40.010", day_first(work.last_day)),
    ]


def _payment(work: PaidWork, form: Form) -> Rubrics:
    payslip = work.payslip
    record = Record(work.regime, (work,), payslip.gross_wage.currency)
    tax = declared_at(declared_by_place([record], form), "tax")
    paid = [
        ("S21.G00.50.001", day_first(payslip.day)),
        ("S21.G00.50.002", point(payslip.amount("taxable"))),
        ("S21.G00.50.003", str(work.payslip_id)[:8]),
        ("S21.G00.50.004", point(payslip.net_payable)),
    ]
    withheld = total(list(tax.values()), payslip.gross_wage.currency)
    paid.append(("S21.G00.50.009", point(withheld)))
    return [
        *paid,
        ("S21.G00.51.001", day_first(work.first_day)),
        ("S21.G00.51.002", day_first(work.last_day)),
        ("S21.G00.51.010", _contract_number(work)),
        ("S21.G00.51.011", "001"),
        ("S21.G00.51.012", f"{work.hours_hundredths // 100}.{work.hours_hundredths % 100:02}"),
        ("S21.G00.51.013", point(payslip.gross_wage)),
    ]


def _contributions(record: Record, wages: PeriodicReturn, form: Form) -> Rubrics:
    declared = declared_by_place([record], form)
    bases: dict[str, Money] = {
        block: record.gross_wage if line == "gross" else record.amount(line)
        for block, line in form.codes.texts("bases").items()
    }
    rubrics: Rubrics = []
    for block, base in bases.items():
        codes = {code: amount for code, amount in declared_at(declared, block).items() if not amount.is_zero}
        if not codes:
            continue
        rubrics += [
            ("S21.G00.78.001", block),
            ("S21.G00.78.002", day_first(wages.period.start)),
            ("S21.G00.78.003", day_first(wages.period.last)),
            ("S21.G00.78.004", point(base)),
        ]
        for code, amount in codes.items():
            rubrics += [
                ("S21.G00.81.001", code),
                ("S21.G00.81.003", point(base)),
                ("S21.G00.81.004", point(amount)),
            ]
    return rubrics


def _contract_number(work: PaidWork) -> str:
    return work.contract_id.hex[:20]
