"""The Dutch monthly wage return (loonaangifte), as XML.

Elements and their order follow a public implementation of the Gegevensspecificaties and a message of 2022;
shape unverified: the specification of 2026 was not at hand, so the facts of the contract that it asks
(`Inkomstenperiode`) and the sector are not in it. Amounts of a person have cents; the totals are whole euros,
cut in favour of the employer (Gegevensspecificaties, 4.1).
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from commons.money import Money
from payroll.documents.return_text import (
    ReturnFile,
    add,
    alphanumeric,
    digits,
    fit,
    point,
    root_of,
    xml_bytes,
)
from payroll.domain.periodic_return import (
    Form,
    PeriodicReturn,
    Place,
    Record,
    WorkerIdentity,
    declared_at,
    declared_by_place,
    whole_units,
)

NAMESPACE: Final = "http://xml.belastingdienst.nl/schemas/Loonaangifte/{year}/01"
# The total of the whole return beside the field of a person that it adds up, in the order of the schema.
TOTALS: Final = {
    "TotLnLbPh": "LnLbPh",
    "TotLnSV": "LnSV",
    "IngLbPh": "IngLbPh",
    "TotPrAofLg": "PrAofLg",
    "TotPrAofHg": "PrAofHg",
    "TotOpslWko": "OpslWko",
    "TotPrGediffWhk": "PrGediffWhk",
    "TotPrAwfLg": "PrAwfLg",
    "TotPrAwfHg": "PrAwfHg",
    "TotWghZvw": "WghZvw",
}
NOT_OWED: Final = ("TotLnLbPh", "TotLnSV")
MESSAGE_ID_MAX: Final = 32


def write_loonaangifte(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """The full return of a month. Raises ReturnLineWithoutPlace, ReturnTextEmpty."""
    root = root_of("Loonaangifte", NAMESPACE.format(year=wages.period.start.year), version="2.0")
    declarant, number = wages.declarant, alphanumeric(wages.declarant.authority_number, 12)
    message = add(root, "Bericht")
    add(message, "IdBer", fit(wages.reference, MESSAGE_ID_MAX))
    add(message, "DatTdAanm", wages.created_at.strftime("%Y-%m-%dT%H:%M:%S"))
    add(message, "ContPers", fit(declarant.contact_name, 35))
    add(message, "TelNr", fit(declarant.contact_phone, 25))
    add(message, "GebrSwPakket", "Partage")
    unit = add(root, "AdministratieveEenheid")
    add(unit, "LhNr", number)
    add(unit, "NmIP", fit(declarant.name, 200))
    of_period = add(unit, "TijdvakAangifte")
    add(of_period, "DatAanvTv", wages.period.start.isoformat())
    add(of_period, "DatEindTv", wages.period.last.isoformat())
    whole = add(of_period, "VolledigeAangifte")
    _collective(add(whole, "CollectieveAangifte"), wages, form)
    for worker in wages.workers:
        for relation, record in enumerate(worker.records, start=1):
            _relation(whole, relation, worker.identity, record, form)
    name = f"loonaangifte-{number}-{wages.period.start:%Y-%m}.xml"
    return (ReturnFile(name, xml_bytes(root)),)


def _fields(records: tuple[Record, ...], form: Form) -> dict[str, Money]:
    declared = declared_by_place(records, form)
    # The wage for tax and the one for the insurances are both the gross wage: the engine knows no other part.
    gross = Place("wage", "LnLbPh")
    fields = {
        **declared_at(declared, "wage"),
        **declared_at(declared, "premium"),
        **declared_at(declared, "tax"),
    }
    if gross in declared:
        fields["LnSV"] = declared[gross]
    return fields


def _collective(parent: etree._Element, wages: PeriodicReturn, form: Form) -> None:
    fields = _fields(wages.records, form)
    nothing = Money.zero(wages.currency)
    totals = {
        total: whole_units(fields.get(field, nothing), form.rounding) for total, field in TOTALS.items()
    }
    for total, euros in totals.items():
        add(parent, total, str(euros))
    owed = sum(euros for total, euros in totals.items() if total not in NOT_OWED)
    add(parent, "TotTeBet", str(owed))
    add(parent, "TotGen", str(owed))


def _relation(
    parent: etree._Element, number: int, identity: WorkerIdentity, record: Record, form: Form
) -> None:
    element = add(parent, "InkomstenverhoudingInitieel")
    add(element, "NumIV", str(number))
    add(element, "DatAanv", record.first_day.isoformat())
    add(element, "DatEind", record.last_day.isoformat())
    person = add(element, "NatuurlijkPersoon")
    add(person, "SofiNr", digits(identity.national_number, 9))
    add(person, "SignNm", fit(identity.family_name, 200))
    if identity.birth_date is not None:
        add(person, "Gebdat", identity.birth_date.isoformat())
    fields = _fields((record,), form)
    own = add(element, "Werknemersgegevens")
    for name in TOTALS.values():
        if name in fields:
            add(own, name, point(fields[name]))
    add(own, "AantVerlU", str(record.hours_hundredths // 100))
