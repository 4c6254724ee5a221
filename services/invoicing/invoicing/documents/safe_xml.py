"""Reads XML from outside: no entities, no network, no document type, no more than so many bytes."""

from __future__ import annotations

from typing import Final

from lxml import etree

DOCUMENT_BYTES_MAX: Final = 5 * 1024 * 1024


class UnsafeXml(ValueError):
    """The bytes are not XML that may be read; the text says why."""


def parse(data: bytes, bytes_max: int = DOCUMENT_BYTES_MAX) -> etree._Element:
    """The root of a document. Raises UnsafeXml."""
    if len(data) > bytes_max:
        raise UnsafeXml("too large")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise UnsafeXml(str(fault)[:200]) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # the stubs miss the attribute
        raise UnsafeXml("a document type is not accepted")
    return root
