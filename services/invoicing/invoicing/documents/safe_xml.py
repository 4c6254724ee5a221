"""Reads XML from outside: no entities, no network, no document type, no more than so many bytes."""

from __future__ import annotations

from typing import Final

from lxml import etree

DOCUMENT_BYTES_MAX: Final = 5 * 1024 * 1024


class UnsafeXml(ValueError):
    """The bytes are not XML that may be read; the text says why, and `line` where, if that is known."""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why)
        self.line = line


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
    except etree.XMLSyntaxError as fault:
        raise UnsafeXml("the XML is not well-formed", fault.lineno) from None
    except ValueError:
        raise UnsafeXml("the XML is not well-formed") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # the stubs miss the attribute
        raise UnsafeXml("a document type is not accepted")
    return root
