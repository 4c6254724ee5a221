"""Reads declarations of hire in XML, of France, Hungary and Italy; their shape is unverified."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import stdnum.fr.nir
import stdnum.fr.siren
import stdnum.hu.anum
import stdnum.it.codicefiscale
import stdnum.it.iva
from lxml import etree
from stdnum.exceptions import ValidationError

from simulators.dimona import Filing

DPAE: Final = "urn:partage:dpae:shape-unverified"
NAV_08E: Final = "urn:partage:nav-08e:shape-unverified"
UNILAV: Final = "urn:partage:unilav:shape-unverified"


class MalformedDeclaration(Exception):
    """The document is no declaration that can be read here; the sentence repeats none of its numbers."""


def read_dpae(body: bytes) -> Filing:
    """A hire or its cancellation. Raises MalformedDeclaration."""
    root = _parse(body, DPAE, "Dpae")
    reference = root.findtext("d:Annulation/d:Reference", namespaces={"d": DPAE})
    if reference is not None:
        return Filing("cancel", period_id=_reference(reference), is_cancelled=True)
    siren, nir, first, last = (
        root.findtext(path, default="", namespaces={"d": DPAE})
        for path in (
            "d:Employeur/d:Siren",
            "d:Salarie/d:Nir",
            "d:Embauche/d:DateEmbauche",
            "d:Embauche/d:DateFinContrat",
        )
    )
    if not stdnum.fr.siren.is_valid(siren) or not stdnum.fr.nir.is_valid(nir):
        raise MalformedDeclaration("SIREN or NIR is not valid (check digits)")
    return _hire(siren, nir, first, last)


def read_nav_08e(body: bytes) -> Filing:
    """A start, an end or a deletion. Raises MalformedDeclaration."""
    root = _parse(body, NAV_08E, "nyomtatvany")

    def field(name: str) -> str:
        return str(root.findtext(f"n:{name}", default="", namespaces={"n": NAV_08E}))

    act = field("muvelet")
    if act == "torles":
        return Filing("cancel", period_id=_reference(field("hivatkozas")), is_cancelled=True)
    if act == "megszunes":
        last = _day(field("jogviszonyVege"))
        return Filing("end", period_id=_reference(field("hivatkozas")), end_date=last)
    if act != "bejelentes":
        raise MalformedDeclaration("muvelet is none of bejelentes, megszunes, torles")
    employer, worker = field("munkaltatoAdoszama"), field("adoazonositoJel")
    try:
        stdnum.hu.anum.validate(employer)
    except ValidationError:
        raise MalformedDeclaration("the tax number of the employer is not valid (check digits)") from None
    if not re.fullmatch(r"8\d{9}", worker):
        raise MalformedDeclaration("the tax number of the worker has ten digits and begins with 8")
    return _hire(employer, worker, field("jogviszonyKezdete"), field("jogviszonyVege"))


def read_unilav(body: bytes) -> Filing:
    """A start, an end or a deletion. Raises MalformedDeclaration."""
    root = _parse(body, UNILAV, "UniLav")

    def field(path: str) -> str:
        return str(root.findtext(path, default="", namespaces={"u": UNILAV}))

    def day(name: str) -> str:
        text = field(f"u:RapportoLavoro/u:{name}")
        return f"{text[4:]}-{text[2:4]}-{text[:2]}"

    kind = field("u:TipoComunicazione")
    if kind == "Annullamento":
        return Filing("cancel", period_id=_reference(field("u:CodiceComunicazione")), is_cancelled=True)
    if kind == "Cessazione":
        period_id = _reference(field("u:CodiceComunicazione"))
        return Filing("end", period_id=period_id, end_date=_day(day("DataFine")))
    if kind != "Assunzione":
        raise MalformedDeclaration("TipoComunicazione is none of Assunzione, Cessazione, Annullamento")
    employer, worker = field("u:DatoreLavoro/u:CodiceFiscale"), field("u:Lavoratore/u:CodiceFiscale")
    if not stdnum.it.iva.is_valid(employer) or not stdnum.it.codicefiscale.is_valid(worker):
        raise MalformedDeclaration("the tax code of employer or worker is not valid (check digits)")
    return _hire(employer, worker, day("DataInizio"), day("DataFine"))


def _hire(employer: str, worker: str, first: str, last: str) -> Filing:
    first_day, last_day = _day(first), _day(last)
    if last_day < first_day:
        raise MalformedDeclaration("the last day is before the first")
    return Filing("hire", employer, worker, first_day, last_day)


def _parse(body: bytes, namespace: str, name: str) -> etree._Element:
    if b"<!DOCTYPE" in body:
        raise MalformedDeclaration("a document type declaration is not allowed")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise MalformedDeclaration("the document is not well-formed XML") from None
    if root.tag != f"{{{namespace}}}{name}":
        raise MalformedDeclaration(f"the root is not {name}")
    return root


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedDeclaration("a day is written like 2026-07-01") from None


def _reference(text: str) -> str:
    if not re.fullmatch(r"\d{1,15}", text):
        raise MalformedDeclaration("the reference is not a number")
    return text
