"""Spain's monthly contribution bases for the treasury of social security (Sistema RED), as XML.

Sources disagree about the file (the treasury's manual shows a tree of nodes, others fixed records): the
manual is followed. Shape unverified: the treasury's schema was not at hand, the node names are ours. The
treasury answers with its own calculation, which is compared with ours.
"""

from __future__ import annotations

from lxml import etree

from commons.money import Money
from payroll.documents.return_text import ReturnFile, add, alphanumeric, digits, fit, point, xml_bytes
from payroll.domain.periodic_return import (
    Form,
    PeriodicReturn,
    declared_at,
    declared_by_place,
)


def write_red_bases(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """Each worker's days, bases and quotas, and the sums of all. Raises ReturnLineWithoutPlace."""
    account = digits(wages.declarant.authority_number, 11)
    root = etree.Element("Bases")
    head = add(root, "Liquidacion")
    add(head, "CodigoCuentaCotizacion", account)
    add(head, "RazonSocial", fit(wages.declarant.name, 55))
    add(head, "Periodo", f"{wages.period.start:%Y%m}")
    for worker in wages.workers:
        for record in worker.records:
            element = add(root, "Trabajador")
            add(element, "NumeroAfiliacion", digits(worker.identity.national_number, 12))
            add(
                element,
                "ApellidosNombre",
                fit(f"{worker.identity.family_name}, {worker.identity.given_name}", 60),
            )
            add(element, "TipoContrato", alphanumeric(form.codes.texts("contract_types")[record.regime], 3))
            add(element, "FechaDesde", record.first_day.isoformat())
            add(element, "FechaHasta", record.last_day.isoformat())
            add(element, "Dias", str(record.days_hundredths // 100))
            declared = declared_by_place([record], form)
            _amounts(element, "Base", declared_at(declared, "base"))
            _amounts(element, "Cuota", declared_at(declared, "quota"))
    sums = add(root, "Totales")
    declared = declared_by_place(wages.records, form)
    _amounts(sums, "Base", declared_at(declared, "base"))
    _amounts(sums, "Cuota", declared_at(declared, "quota"))
    return (ReturnFile(f"RED_{account}_{wages.period.start:%Y%m}.xml", xml_bytes(root)),)


def _amounts(parent: etree._Element, name: str, amounts: dict[str, Money]) -> None:
    for code, amount in amounts.items():
        add(parent, name, point(amount), codigo=code)
