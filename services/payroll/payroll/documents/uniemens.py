"""Italy's monthly return of wages and contributions to INPS (UniEmens), as XML.

The tree `Azienda / PosContributiva / DenunciaIndividuale` and the names follow public files and a description
of two of them; shape unverified: the technical document of INPS was not at hand, so weeks, days and severance
pay are not in it.
"""

from __future__ import annotations

from lxml import etree

from commons.money import Money, total
from payroll.documents.return_text import ReturnFile, add, alphanumeric, digits, fit, xml_bytes
from payroll.domain.periodic_return import (
    Form,
    PeriodicReturn,
    Record,
    WorkerIdentity,
    declared_at,
    declared_by_place,
    whole_units,
)


def write_uniemens(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """The month of one company and contribution position. Raises ReturnLineWithoutPlace, ReturnTextEmpty."""
    declarant = wages.declarant
    tax_code = alphanumeric(declarant.enterprise_number, 16)
    root = etree.Element("DenunceMensili")
    sender = add(root, "DatiMittente", Tipo="1")
    add(sender, "RagSocMittente", fit(declarant.name, 60))
    add(sender, "CFMittente", tax_code)
    company = add(root, "Azienda")
    add(company, "AnnoMeseDenuncia", f"{wages.period.start:%Y-%m}")
    add(company, "CFAzienda", tax_code)
    add(company, "RagSocAzienda", fit(declarant.name, 60))
    position = add(company, "PosContributiva", Composizione="CP")
    add(position, "Matricola", digits(declarant.authority_number, 10))
    owed = [
        _individual(position, worker.identity, record, form)
        for worker in wages.workers
        for record in worker.records
    ]
    of_company = add(position, "DenunciaAziendale")
    add(of_company, "NumLavoratori", str(len(wages.workers)))
    control = add(of_company, "DatiQuadraturaRetrContr")
    add(control, "NumDenIndiv", str(len(owed)))
    add(control, "TotaleADebito", str(sum(owed)))
    add(control, "TotaleACredito", "0")
    return (ReturnFile(f"UNIEMENS_{tax_code}_{wages.period.start:%Y%m}.xml", xml_bytes(root)),)


def _individual(parent: etree._Element, identity: WorkerIdentity, record: Record, form: Form) -> int:
    declared = declared_by_place([record], form)
    codes = form.codes
    element = add(parent, "DenunciaIndividuale")
    add(element, "CFLavoratore", alphanumeric(identity.national_number, 16))
    add(element, "Cognome", fit(identity.family_name, 30))
    add(element, "Nome", fit(identity.given_name, 20))
    add(element, "Qualifica1", codes.text("qualification"))
    add(element, "Qualifica2", codes.text("working_time"))
    add(element, "Qualifica3", codes.texts("contract_terms")[record.regime])
    add(element, "TipoContribuzione", codes.text("contribution_type"))
    pay = add(element, "DatiRetributivi")
    add(pay, "TipoLavoratore", codes.text("worker_type"))
    add(pay, "Imponibile", str(_units(declared_at(declared, "pay"), form, record)))
    owed = _units(declared_at(declared, "contribution"), form, record)
    add(pay, "Contributo", str(owed))
    add(pay, "GiorniRetribuiti", str(record.days_hundredths // 100))
    return owed


def _units(amounts: dict[str, Money], form: Form, record: Record) -> int:
    return whole_units(total(list(amounts.values()), record.currency), form.rounding)
