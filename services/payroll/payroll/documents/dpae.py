"""The hire of a worker in France as a DPAE (déclaration préalable à l'embauche), shape unverified.

The payload of the machine-to-machine interface was not at hand: each document says so in its first line. The
law asks for more than this service knows (Code du travail, art. R1221-1: the establishment, the worker's name
and place of birth, the hour of the start, the service of health at work): it must be added with the schema.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from payroll.domain.declaration import Hire

NAMESPACE: Final = "urn:partage:dpae:shape-unverified"
UNVERIFIED: Final = "Shape unverified: the schema of the DPAE interface was not at hand."


def hire_declaration(hire: Hire) -> bytes:
    """The declaration that a worker will begin; it holds a national number: never logged."""
    root, body = _document("Embauche")
    _add(_add(root, "Employeur"), "Siren", hire.enterprise_number)
    _add(_add(root, "Salarie"), "Nir", hire.national_number)
    _add(body, "DateEmbauche", hire.first_day.isoformat())
    _add(body, "DateFinContrat", hire.last_day.isoformat())
    root.append(body)
    return _bytes(root)


def cancellation(period_id: str) -> bytes:
    """The statement that a declared hire did not take place."""
    root, body = _document("Annulation")
    _add(body, "Reference", period_id)
    root.append(body)
    return _bytes(root)


def _document(kind: str) -> tuple[etree._Element, etree._Element]:
    root = etree.Element(_name("Dpae"), nsmap={None: NAMESPACE})  # type: ignore[dict-item] # the default namespace
    return root, etree.Element(_name(kind))


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, _name(name))
    child.text = text
    return child


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"


def _bytes(root: etree._Element) -> bytes:
    root.addprevious(etree.Comment(f" {UNVERIFIED} "))
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
