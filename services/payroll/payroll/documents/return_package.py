"""The files of a return as one sending, and whom a place in one of them is about.

The channels of the authorities were not at hand (files over SFTP, portals, SILTRA, ELDA): the sending is a
package of our own, JSON with the name and the exact bytes of each file.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Final

import orjson
from lxml import etree

from payroll.documents.return_text import ReturnFile

LINE: Final = "line "


def pack(format_name: str, reference: str, files: Sequence[ReturnFile], *, replaces: str | None) -> bytes:
    """The package: the same files give the same bytes.

    `replaces` is the authority's reference of an accepted return that this one stands in for.
    """
    return orjson.dumps(
        {
            "format": format_name,
            "reference": reference,
            "replaces": replaces,
            "files": [
                {"name": file.name, "content": base64.b64encode(file.content).decode()} for file in files
            ],
        }
    )


def unpack(package: bytes) -> tuple[ReturnFile, ...]:
    """The files of a package that `pack` made."""
    return tuple(
        ReturnFile(file["name"], base64.b64decode(file["content"])) for file in orjson.loads(package)["files"]
    )


def worker_at(
    files: Sequence[ReturnFile], file: str, path: str, numbers: Mapping[str, str], employer: str
) -> str | None:
    """The worker whom a place in a file is about; nothing where it is about all, or cannot be found.

    `path` is an XPath or `line 7`; `numbers` maps workers to their national numbers, `employer` is the number
    of the employer. The place itself, then what stands around it, tells the number of exactly one worker.
    """
    content = next((each.content for each in files if each.name == file), b"")
    texts = _around_line(content, path) if path.startswith(LINE) else _around_element(content, path)
    wanted = {worker: _plain(number) for worker, number in numbers.items()}
    for text in texts:
        said = _plain(text)
        if len(wanted) == 1 and _plain(employer) in said:
            return None  # what stands around the only worker may be about the employer
        found = [worker for worker, number in wanted.items() if number in said or number[:13] in said]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _around_line(content: bytes, path: str) -> list[str]:
    """The line, then those before it: what belongs to a person follows the line with the number."""
    lines = content.decode("latin-1").splitlines()
    number = path.removeprefix(LINE)
    if not number.isdecimal() or not 1 <= int(number) <= len(lines):
        return []
    return lines[int(number) - 1 :: -1]


def _around_element(content: bytes, path: str) -> list[str]:
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
        found = root.getroottree().xpath(path)
    except (etree.XMLSyntaxError, etree.XPathError):
        return []
    element = found[0] if isinstance(found, list) and found else None
    if not isinstance(element, etree._Element):
        return []
    around = [each for each in (element, *element.iterancestors()) if each is not root]
    return [" ".join(str(text) for text in each.itertext()) for each in around]


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum()).upper()
