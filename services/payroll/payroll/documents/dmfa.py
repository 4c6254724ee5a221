"""Belgium's quarterly return of employer, workers and contributions (DmfA), as XML for the batch channel.

The tree, the field widths and the codes are those that a public implementation tries (Odoo
`l10n_be_hr_payroll`, its DmfA test) and the concept page of the ONSS; shape unverified:
`DmfAOriginal_YYYYQ.xsd` was not at hand. The ceiling of a quarter's contributions, provisions, and
contributions that belong to no person are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lxml import etree

from commons.money import Money, total
from commons.period import Quarter
from payroll.documents.return_text import ReturnFile, add, digits, fit, padded, xml_bytes
from payroll.domain.periodic_return import (
    Form,
    PeriodicReturn,
    Place,
    Record,
    declared_at,
    declared_by_place,
)

AMOUNT_DIGITS: Final = 11  # cents
COUNT_DIGITS: Final = 5  # hundredths of days and hours
SCHEMA: Final = "http://www.w3.org/2001/XMLSchema-instance"
OF_THE_RECORD: Final = "record"  # the contributions that are declared under the worker code itself


def write_dmfa(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """The declaration and the empty file that says "go"; a signature goes between them, see `batch_files`.

    Raises ReturnLineWithoutPlace, ReturnFieldUnfit, ReturnTextEmpty.
    """
    return batch_files(_document(wages, form), wages, sender=wages.declarant.authority_number)


def batch_files(
    document: bytes, wages: PeriodicReturn, *, sender: str, sequence: int = 1, signature: bytes | None = None
) -> tuple[ReturnFile, ...]:
    """The files of one sending in the order in which they are laid down: data, signature, "go".

    The names are those of the general scheme of the batch channel (`FI.DMFA.<sender>.<day>.<number>.R.1.1`);
    the signature is made with the employer's certificate, outside this system.
    """
    stem = f"DMFA.{digits(sender, 10)}.{wages.created_at:%Y%m%d}.{padded(sequence, 5, 'sequence')}.R.1.1"
    signed = () if signature is None else (ReturnFile(f"FS.{stem}", signature),)
    return (ReturnFile(f"FI.{stem}", document), *signed, ReturnFile(f"GO.{stem}", b""))


def _document(wages: PeriodicReturn, form: Form) -> bytes:
    quarter = Quarter.of(wages.period.start)
    root = etree.Element("DmfAOriginal", nsmap={"xsi": SCHEMA})
    root.set(f"{{{SCHEMA}}}noNamespaceSchemaLocation", f"DmfAOriginal_{quarter.year}{quarter.number}.xsd")
    head = add(root, "Form")
    add(head, "Identification", "DMFA")
    add(head, "FormCreationDate", wages.created_at.date().isoformat())
    add(head, "FormCreationHour", wages.created_at.strftime("%H:%M:%S.000"))
    add(head, "AttestationStatus", "0")
    add(head, "TypeForm", "SU")
    reference = add(head, "Reference")
    add(reference, "ReferenceType", "1")
    add(reference, "ReferenceOrigin", "1")
    add(reference, "ReferenceNbr", fit(wages.reference, 20))
    employer = add(head, "EmployerDeclaration")
    add(employer, "Quarter", f"{quarter.year}{quarter.number}")
    add(employer, "NOSSRegistrationNbr", digits(wages.declarant.authority_number, 9))
    add(employer, "Trusteeship", "0")
    add(employer, "CompanyID", digits(wages.declarant.enterprise_number, 10))
    add(employer, "NetOwedAmount", _amount(net_owed(wages, form), "NetOwedAmount"))
    add(employer, "System5", "0")
    number = 0
    for worker in wages.workers:
        # An allowance is no wage, and its worker none: the country's data says where it is declared.
        records = [record for record in worker.records if record.regime not in form.regimes_elsewhere]
        if not records:
            continue
        number += 1
        person = add(employer, "NaturalPerson")
        add(person, "NaturalPersonSequenceNbr", str(number))
        add(person, "INSS", digits(worker.identity.national_number, 11))
        for record in records:
            _worker_record(person, record, wages, form)
    return xml_bytes(root)


def net_owed(wages: PeriodicReturn, form: Form) -> Money:
    """All contributions less all reductions."""
    declared = declared_by_place(wages.records, form)
    owed = [
        amount
        for place, amount in declared.items()
        if place.block in ("contribution", "worker_deduction", "occupation_deduction")
    ]
    return total(owed, wages.currency)


def _worker_record(person: etree._Element, record: Record, wages: PeriodicReturn, form: Form) -> None:
    code = form.codes.texts("worker_codes")[record.regime]
    element = add(person, "WorkerRecord")
    add(element, "EmployerClass", form.codes.text("employer_class"))
    add(element, "WorkerCode", code)
    add(element, "NOSSQuarterStartingDate", wages.period.start.isoformat())
    add(element, "NOSSQuarterEndingDate", wages.period.last.isoformat())
    add(element, "Border", "0")
    for number, of_contract in enumerate(record.by_contract(), start=1):
        _occupation(element, number, of_contract, form)
    declared = declared_by_place([record], form)
    base = _amount(_contribution_base(record), "ContributionCalculationBasis")
    for contribution, amount in declared_at(declared, "contribution").items():
        if amount.is_zero:
            continue
        line = add(element, "WorkerContribution")
        add(line, "ContributionWorkerCode", code if contribution == OF_THE_RECORD else contribution)
        add(line, "ContributionType", "0")
        add(line, "ContributionCalculationBasis", base)
        add(line, "ContributionAmount", _amount(amount, "ContributionAmount"))
    _deductions(element, "WorkerDeduction", declared, "worker_deduction")


def _occupation(parent: etree._Element, number: int, work: Record, form: Form) -> None:
    codes, first = form.codes, work.works[0]
    element = add(parent, "Occupation")
    add(element, "OccupationSequenceNbr", str(number))
    add(element, "OccupationStartingDate", work.first_day.isoformat())
    add(element, "OccupationEndingDate", work.last_day.isoformat())
    add(element, "JointCommissionNbr", fit(first.committee, 6))
    add(element, "WorkingDaysSystem", codes.text("working_days_system"))
    add(element, "ContractType", codes.text("contract_type"))
    add(element, "RefMeanWorkingHours", codes.text("mean_working_hours"))
    add(element, "MeanWorkingHours", codes.text("mean_working_hours"))
    add(element, "Retired", "0")
    service = add(element, "Service")
    add(service, "ServiceSequenceNbr", "1")
    add(service, "ServiceCode", codes.text("service_code"))
    add(service, "ServiceNbrDays", padded(work.days_hundredths, COUNT_DIGITS, "ServiceNbrDays"))
    add(service, "ServiceNbrHours", padded(work.hours_hundredths, COUNT_DIGITS, "ServiceNbrHours"))
    declared = declared_by_place([work], form)
    for sequence, (code, amount) in enumerate(declared_at(declared, "remuneration").items(), start=1):
        remuneration = add(element, "Remun")
        add(remuneration, "RemunSequenceNbr", str(sequence))
        add(remuneration, "RemunCode", code)
        add(remuneration, "RemunAmount", _amount(amount, "RemunAmount"))
    _deductions(element, "OccupationDeduction", declared, "occupation_deduction")


def _deductions(parent: etree._Element, name: str, declared: Mapping[Place, Money], block: str) -> None:
    for code, amount in declared_at(declared, block).items():
        if amount.is_zero:
            continue
        element = add(parent, name)
        add(element, "DeductionCode", code)
        add(element, "DeductionAmount", _amount(-amount, "DeductionAmount"))


def _contribution_base(record: Record) -> Money:
    # 108 % of the wage where the law says so: then every payslip of the regime has that line.
    base = record.amount("onss.base") + record.amount("year_end_premium.base")
    return record.gross_wage if base.is_zero else base


def _amount(amount: Money, field: str) -> str:
    return padded(amount.minor, AMOUNT_DIGITS, field)
