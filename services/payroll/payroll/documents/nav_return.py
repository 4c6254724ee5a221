"""Hungary's monthly return of tax and contributions (form 08 of the year: 2608), as XML of the tax office's
client.

A main sheet and one sheet a person. The envelope is that of public ANYK files; shape unverified: the field
numbers (`eazon`) of the form were not found, so the fields carry the names of the data.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from commons.money import Money
from payroll.documents.return_text import ReturnFile, add, digits, fit, root_of, xml_bytes
from payroll.domain.periodic_return import (
    Form,
    PeriodicReturn,
    declared_at,
    declared_by_place,
    whole_units,
)

NAMESPACE: Final = "http://www.apeh.hu/abev/nyomtatvanyok/2005/01"


def write_nav_return(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """The main sheet with the sums, then the persons' sheets.

    Raises ReturnLineWithoutPlace, ReturnTextEmpty.
    """
    number = f"{wages.period.start:%y}{form.rule.text('form')}"
    tax_number = digits(wages.declarant.enterprise_number, 11)
    root = root_of("nyomtatvanyok", NAMESPACE)
    main = _sheet(root, f"{number}A", wages, fit(wages.declarant.name, 120), "adoszam", tax_number)
    _fields(main, declared_at(declared_by_place(wages.records, form), "field"), form)
    for worker in wages.workers:
        name = fit(f"{worker.identity.family_name} {worker.identity.given_name}", 120)
        own_number = digits(worker.identity.national_number, 10)
        own = _sheet(root, f"{number}M", wages, name, "adoazonosito", own_number)
        _fields(own, declared_at(declared_by_place(worker.records, form), "field"), form)
    return (ReturnFile(f"{number}_{tax_number}_{wages.period.start:%Y%m}.xml", xml_bytes(root)),)


def _sheet(
    root: etree._Element, form_id: str, wages: PeriodicReturn, name: str, number_name: str, number: str
) -> etree._Element:
    sheet = add(root, "nyomtatvany")
    about = add(sheet, "nyomtatvanyinformacio")
    add(about, "nyomtatvanyazonosito", form_id)
    person = add(about, "adozo")
    add(person, "nev", name)
    add(person, number_name, number)
    period = add(about, "idoszak")
    add(period, "tol", f"{wages.period.start:%Y%m%d}")
    add(period, "ig", f"{wages.period.last:%Y%m%d}")
    return add(sheet, "mezok")


def _fields(parent: etree._Element, amounts: dict[str, Money], form: Form) -> None:
    for code, amount in amounts.items():
        add(parent, "mezo", str(whole_units(amount, form.rounding)), eazon=code)
