"""The text of a PDF as a reader copies it, by the maps to Unicode that its fonts carry."""

from __future__ import annotations

import re
from io import BytesIO

import pikepdf

NOT_DEFINED = "\ufffd"  # a glyph that its font does not map: a reader sees an empty box

Glyphs = dict[int, str]
_CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


def text_of(document: bytes) -> str:
    """All text of a PDF in the order of its pages, without white space: lines break where they must."""
    said: list[str] = []
    with pikepdf.open(BytesIO(document)) as pdf:
        for page in pdf.pages:
            fonts = {str(name): _glyphs(font) for name, font in page.Resources.Font.items()}
            current: Glyphs = {}
            for instruction in pikepdf.parse_content_stream(page):
                operator, operands = str(instruction.operator), list(instruction.operands)
                if operator == "Tf":
                    current = fonts[str(operands[0])]
                elif operator in ("Tj", "TJ"):
                    parts = list(operands[0]) if operator == "TJ" else operands
                    said += [
                        _read(bytes(part), current) for part in parts if isinstance(part, pikepdf.String)
                    ]
    return re.sub(r"\s", "", "".join(said))


def _read(codes: bytes, glyphs: Glyphs) -> str:
    pairs = (int.from_bytes(codes[at : at + 2]) for at in range(0, len(codes), 2))
    return "".join(glyphs.get(code, NOT_DEFINED) for code in pairs)


def _glyphs(font: pikepdf.Object) -> Glyphs:
    table = font.ToUnicode.read_bytes()
    found: Glyphs = {}
    for block in _CHARS.findall(table):
        found |= {int(code, 16): _text(text) for code, text in _PAIR.findall(block)}
    for block in _RANGES.findall(table):
        for first, last, text in _RANGE.findall(block):
            start = int(text, 16)
            codes = range(int(first, 16), int(last, 16) + 1)
            found |= {code: chr(start + code - codes.start) for code in codes}
    return found


def _text(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be")
