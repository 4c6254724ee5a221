"""Long lists in pages: records, a `first` that has a limit, and cursors that clients cannot read."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import msgspec

from commons.refusal import Refusal

CURSOR_LENGTH_MAX: Final = 1_000
_UNFIT_FOR_SQL = re.compile("[\x00\ud800-\udfff]")
_BIGINT_MAX: Final = 2**63 - 1

Row = TypeVar("Row")
Key = TypeVar("Key")


class MalformedCursor(Refusal):
    """This cursor did not come from this list."""


class PageInfo(msgspec.Struct, frozen=True, gc=False):
    """Where a page ends and whether another one follows."""

    end_cursor: str | None
    has_next_page: bool


class Page(msgspec.Struct, Generic[Row], frozen=True, gc=False):
    """Some rows of a longer list."""

    nodes: list[Row]
    page_info: PageInfo


def page(rows: Sequence[Row], first: int, key: Callable[[Row], tuple[object, ...]]) -> Page[Row]:
    """The first rows as a page. Ask the database for `first + 1`: one more says that another page follows.

    `key` gives what the list is sorted by, ending with something unique: `lambda row: (row.name, row.key)`.
    """
    nodes = list(rows[:first])
    end = encode_cursor(key(nodes[-1])) if nodes else None
    return Page(nodes, PageInfo(end, len(rows) > first))


def encode_cursor(key: tuple[object, ...]) -> str:
    """A place in a list as clients see it."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def decode_cursor(text: str | None, kind: type[Key]) -> Key | None:
    """The place that a cursor names: `decode_cursor(after, tuple[str, UUID])`, nothing where there is none.

    Raises MalformedCursor.
    """
    if text is None:
        return None
    try:
        if len(text) > CURSOR_LENGTH_MAX:
            raise MalformedCursor()
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found = msgspec.json.decode(plain, type=kind)
    except (binascii.Error, ValueError):  # msgspec's errors and a text that is not ASCII are ValueErrors
        raise MalformedCursor() from None
    for part in found if isinstance(found, tuple) else (found,):
        if isinstance(part, str) and _UNFIT_FOR_SQL.search(part):
            raise MalformedCursor()
        if isinstance(part, int) and abs(part) > _BIGINT_MAX:
            raise MalformedCursor()
    return found
