"""Sweden's monthly return by person (arbetsgivardeklaration på individnivå, AGI), as XML.

Namespaces, elements and field codes are those of two public implementations of the technical description (SKV
269); shape unverified: the schema itself was not at hand. Amounts are whole kronor, ören fall away
(skatteförfarandeförordning 2011:1261, chapter 22, section 1).
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from commons.money import Money
from payroll.documents.return_text import ReturnFile, add, digits, fit, root_of, xml_bytes
from payroll.domain.periodic_return import (
    Form,
    PaidWorker,
    PeriodicReturn,
    declared_at,
    declared_by_place,
    whole_units,
)

INSTANCE: Final = "http://xmls.skatteverket.se/se/skatteverket/da/instans/schema/"
COMPONENT: Final = "http://xmls.skatteverket.se/se/skatteverket/da/komponent/schema/"
LEGAL_PERSON: Final = "16"  # stands before the ten digits of a company
FIELDS: Final = {
    "011": "KontantErsattningUlagAG",
    "001": "AvdrPrelSkatt",
    "497": "SummaSkatteavdr",
    "487": "SummaArbAvgSlf",
}


def write_agi(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """One main form with the totals and one form a person; a month without pay is declared too.

    Raises ReturnLineWithoutPlace, ReturnTextEmpty.
    """
    version = form.rule.text("schema")
    employer = _identity(wages.declarant.enterprise_number)
    root = root_of(
        "Skatteverket",
        f"{INSTANCE}{version}",
        prefixes={"agd": f"{COMPONENT}{version}"},
        omrade="Arbetsgivardeklaration",
    )
    component = f"{{{COMPONENT}{version}}}"
    sender = add(root, f"{component}Avsandare")
    add(sender, "Programnamn", "Partage")
    add(sender, "Organisationsnummer", employer)
    _contact(add(sender, "TekniskKontaktperson"), wages)
    add(sender, "Skapad", wages.created_at.strftime("%Y-%m-%dT%H:%M:%S"))
    common = add(add(root, f"{component}Blankettgemensamt"), "Arbetsgivare")
    add(common, "AgRegistreradId", employer)
    _contact(add(common, "Kontaktperson"), wages)
    persons = [_person_amounts(worker, form) for worker in wages.workers]
    fees = declared_at(declared_by_place(wages.records, form), "employer")
    totals = {
        # The main form says the sum of what the persons' forms say, each already in whole kronor.
        "497": sum(amounts.get("001", 0) for amounts in persons),
        **{code: whole_units(amount, form.rounding) for code, amount in fees.items()},
    }
    main = _form(root, component, employer, wages, "HU", "ArbetsgivareHUGROUP")
    _amounts(main, totals)
    for number, (worker, amounts) in enumerate(zip(wages.workers, persons, strict=True), start=1):
        own = _form(root, component, employer, wages, "IU", "ArbetsgivareIUGROUP", worker)
        add(own, "Specifikationsnummer", str(number), faltkod="570")
        _amounts(own, amounts)
    name = f"AGI_{employer}_{wages.period.start:%Y%m}.xml"
    return (ReturnFile(name, xml_bytes(root)),)


def _person_amounts(worker: PaidWorker, form: Form) -> dict[str, int]:
    declared = declared_by_place(worker.records, form)
    amounts: dict[str, Money] = declared_at(declared, "person")
    return {code: whole_units(amount, form.rounding) for code, amount in amounts.items()}


def _form(
    root: etree._Element,
    component: str,
    employer: str,
    wages: PeriodicReturn,
    kind: str,
    group: str,
    worker: PaidWorker | None = None,
) -> etree._Element:
    period = wages.period.start.strftime("%Y%m")
    sheet = add(root, f"{component}Blankett")
    matter = add(sheet, "Arendeinformation")
    add(matter, "Arendeagare", employer)
    add(matter, "Period", period)
    content = add(add(sheet, "Blankettinnehall"), kind)
    add(add(content, group), "AgRegistreradId", employer, faltkod="201")
    if worker is not None:
        payee = add(add(content, "BetalningsmottagareIUGROUP"), "BetalningsmottagareIDChoice")
        add(payee, "BetalningsmottagarId", digits(worker.identity.national_number, 12), faltkod="215")
    add(content, "RedovisningsPeriod", period, faltkod="006")
    return content


def _amounts(parent: etree._Element, amounts: dict[str, int]) -> None:
    for code, name in FIELDS.items():
        if amounts.get(code):
            add(parent, name, str(amounts[code]), faltkod=code)


def _contact(parent: etree._Element, wages: PeriodicReturn) -> None:
    add(parent, "Namn", fit(wages.declarant.contact_name, 100))
    add(parent, "Telefon", fit(wages.declarant.contact_phone, 30))
    add(parent, "Epostadress", fit(wages.declarant.contact_email, 100))


def _identity(number: str) -> str:
    plain = digits(number, 12)
    return plain if len(plain) == 12 else LEGAL_PERSON + plain
