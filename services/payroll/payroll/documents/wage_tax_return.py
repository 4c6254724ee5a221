"""Germany's wage-tax return (Lohnsteuer-Anmeldung), as XML with the numbers of the form's lines.

Line 42 is wage tax, 49 solidarity surcharge, 61 church tax, 83 the sum and 86 the number of employees. Shape
unverified: the ELSTER schema was not at hand, and an own sending needs ELSTER's certificate: this is an
export to be entered or handed to a partner.
"""

from __future__ import annotations

from lxml import etree

from commons.money import total
from payroll.documents.return_text import ReturnFile, add, digits, fit, point, xml_bytes
from payroll.domain.periodic_return import Form, PeriodicReturn, declared_at, declared_by_place


def write_wage_tax_return(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """The lines of one month for all employees. Raises ReturnLineWithoutPlace, ReturnTextEmpty."""
    tax_number = digits(wages.declarant.enterprise_number, 13)
    root = etree.Element("LohnsteuerAnmeldung")
    add(root, "Arbeitgeber", fit(wages.declarant.name, 60))
    add(root, "Steuernummer", tax_number)
    add(root, "Jahr", str(wages.period.start.year))
    add(root, "Zeitraum", f"{wages.period.start:%m}")
    amounts = declared_at(declared_by_place(wages.records, form), "line")
    for code, amount in amounts.items():
        add(root, "Kz", point(amount), nr=code)
    add(root, "Kz", point(total(list(amounts.values()), wages.currency)), nr="83")
    add(root, "Kz", str(len(wages.workers)), nr="86")
    return (ReturnFile(f"LStA_{tax_number}_{wages.period.start:%Y%m}.xml", xml_bytes(root)),)
