"""What the documents of all returns share: files, texts that fit a field, XML with its warning on top."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lxml import etree

from commons.money import Money
from payroll.domain.errors import ReturnFieldUnfit, ReturnTextEmpty

UNVERIFIED: Final = "shape unverified: the authority's own schema was not at hand"


@dataclass(frozen=True, slots=True)
class ReturnFile:
    """One file for an authority: its name as the authority wants it, and the exact bytes."""

    name: str
    content: bytes


def fit(text: str, length_max: int) -> str:
    """A text without control signs and doubled spaces, cut to a field. Raises ReturnTextEmpty."""
    plain = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    plain = " ".join(plain.split())[:length_max].strip()
    if not plain:
        raise ReturnTextEmpty()
    return plain


def latin1(text: str, length_max: int) -> str:
    """The same for files in ISO 8859-1: a letter outside it loses its accents, any other sign goes.

    Raises ReturnTextEmpty.
    """
    kept = []
    for sign in unicodedata.normalize("NFC", text):
        if ord(sign) < 256:
            kept.append(sign)
        else:
            base = unicodedata.normalize("NFKD", sign)
            kept.append("".join(letter for letter in base if ord(letter) < 256) or " ")
    return fit("".join(kept), length_max)


def alphanumeric(text: str, length_max: int) -> str:
    """Letters and digits alone, as numbers of companies and persons are filed; a number is never cut.

    Raises ReturnTextEmpty, ReturnFieldUnfit.
    """
    return _uncut("".join(sign for sign in text if sign.isascii() and sign.isalnum()), length_max)


def digits(text: str, length_max: int) -> str:
    """The digits of a number that people write with dots and dashes; a number is never cut.

    Raises ReturnTextEmpty, ReturnFieldUnfit.
    """
    return _uncut("".join(sign for sign in text if sign.isascii() and sign.isdigit()), length_max)


def _uncut(number: str, length_max: int) -> str:
    if not number:
        raise ReturnTextEmpty()
    if len(number) > length_max:
        raise ReturnFieldUnfit(length_max=length_max)
    return number


def padded(value: int, width: int, field: str) -> str:
    """A whole number with leading zeros in a field of fixed width. Raises ReturnFieldUnfit."""
    if value < 0 or len(str(value)) > width:
        raise ReturnFieldUnfit(field=field, length_max=width)
    return str(value).zfill(width)


def point(amount: Money) -> str:
    """An amount with two decimals behind a point."""
    return str(amount.amount)


def day_first(day: date) -> str:
    """A day as 30092026."""
    return day.strftime("%d%m%Y")


def root_of(
    name: str, namespace: str, *, prefixes: Mapping[str, str] | None = None, **attributes: str
) -> etree._Element:
    """A root element in its default namespace; other namespaces by their prefixes."""
    names: dict[Any, str] = {None: namespace, **(prefixes or {})}  # no prefix: the default namespace
    return etree.Element(f"{{{namespace}}}{name}", nsmap=names, attrib=attributes)


def add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A child element; text is escaped by the writer. A name without namespace takes that of its parent."""
    namespace = etree.QName(parent).namespace
    full = f"{{{namespace}}}{name}" if namespace and not name.startswith("{") else name
    child = etree.SubElement(parent, full, attrib=attributes)
    child.text = text
    return child


def xml_bytes(root: etree._Element) -> bytes:
    """The document as bytes, with a comment on top that says what it is worth."""
    root.addprevious(etree.Comment(f" {UNVERIFIED} "))
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
