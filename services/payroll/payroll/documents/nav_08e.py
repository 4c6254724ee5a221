"""The hire of a worker in Hungary on form 08E of the tax office (NAV), the former T1041, shape unverified.

The layout behind the form was not at hand: each document says so in its first line. One form announces a
start, an end and a deletion. The TAJ number and the occupation (FEOR) that it asks for are not known here.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from payroll.domain.declaration import Hire

NAMESPACE: Final = "urn:partage:nav-08e:shape-unverified"
UNVERIFIED: Final = "Shape unverified: the layout of form 08E was not at hand."


def hire_declaration(hire: Hire) -> bytes:
    """The declaration that a worker will begin; it holds a tax number: never logged."""
    root = _form("bejelentes")
    _add(root, "munkaltatoAdoszama", hire.enterprise_number)
    _add(root, "adoazonositoJel", hire.national_number)
    _add(root, "jogviszonyKezdete", hire.first_day.isoformat())
    _add(root, "jogviszonyVege", hire.last_day.isoformat())
    return _bytes(root)


def end(period_id: str, last_day: str) -> bytes:
    """The declaration that a hire ended earlier than declared, on a day as ISO 8601 writes it."""
    root = _form("megszunes")
    _add(root, "hivatkozas", period_id)
    _add(root, "jogviszonyVege", last_day)
    return _bytes(root)


def cancellation(period_id: str) -> bytes:
    """The statement that a declared hire did not take place."""
    root = _form("torles")
    _add(root, "hivatkozas", period_id)
    return _bytes(root)


def _form(act: str) -> etree._Element:
    root = etree.Element(_name("nyomtatvany"), nsmap={None: NAMESPACE})  # type: ignore[dict-item] # the default namespace
    _add(root, "nyomtatvanyazonosito", "08E")
    _add(root, "muvelet", act)
    return root


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, _name(name)).text = text


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"


def _bytes(root: etree._Element) -> bytes:
    root.addprevious(etree.Comment(f" {UNVERIFIED} "))
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
