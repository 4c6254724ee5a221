"""Hires as one line of fields of fixed width, for the authorities that take texts."""

from __future__ import annotations

from typing import Final

from payroll.domain.errors import ReturnFieldUnfit

UNVERIFIED: Final = "Shape unverified"


def record(unverified: str, *fields: tuple[str, int]) -> bytes:
    """A line that says what the document is worth, and one with the fields; each is a text and its width.

    A number is never cut. Raises ReturnFieldUnfit.
    """
    for text, width in fields:
        if len(text) > width or not text.isascii():
            raise ReturnFieldUnfit(length_max=width)
    line = "".join(text.ljust(width) for text, width in fields)
    return f"# {UNVERIFIED}: {unverified}\r\n{line}\r\n".encode("ascii")
