"""Text as European banks accept it: the signs of the SEPA schemes, or Latin letters with their accents."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from payroll.domain.errors import PaymentTextEmpty

# Letters that do not fall apart into a base letter and an accent.
_LETTERS: Final = str.maketrans(
    {
        "ß": "ss",
        "ẞ": "SS",
        "Æ": "AE",
        "æ": "ae",
        "Œ": "OE",
        "œ": "oe",
        "Ø": "O",
        "ø": "o",
        "Đ": "D",
        "đ": "d",
        "Ð": "D",
        "ð": "d",
        "Ł": "L",
        "ł": "l",
        "Þ": "TH",
        "þ": "th",
        "ı": "i",
        "Ħ": "H",
        "ħ": "h",
        "&": "+",
        "€": "EUR",
        "’": "'",
        "‘": "'",
        "“": " ",
        "”": " ",
        "–": "-",
        "—": "-",
        "_": "-",
    }
)
_NOT_ALLOWED: Final = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_REFERENCE: Final = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]{1,35}")


def sepa_text(text: str, length_max: int) -> str:
    """The text in the character set of the SEPA schemes, cut to a length; accents go, the letters stay.

    A sign outside the set becomes a space. Raises PaymentTextEmpty where nothing is left.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = " ".join(_NOT_ALLOWED.sub(" ", plain).split())[:length_max].strip()
    if not plain.strip("/-?:().,'+ "):
        raise PaymentTextEmpty()
    return plain


def latin_text(text: str, length_max: int) -> str:
    """The text in Latin letters with accents, digits and the signs of the SEPA schemes, cut to a length.

    For transfers outside those schemes: ő and ű stay. What a SEPA transfer could carry is never left empty.
    Raises PaymentTextEmpty where nothing is left.
    """
    composed = unicodedata.normalize("NFKC", text)
    kept = "".join(sign if _is_latin(sign) else " " for sign in composed)
    plain = " ".join(kept.split())[:length_max].strip()
    return plain if plain.strip("/-?:().,'+ ") else sepa_text(text, length_max)


def is_reference(text: str) -> bool:
    """Whether a reference may stand in a payment file: 1 to 35 signs, no slash at an end or doubled."""
    return bool(_REFERENCE.fullmatch(text)) and "//" not in text and text == text.strip("/ ")


def _is_latin(sign: str) -> bool:
    # Latin-1 Supplement and Latin Extended-A hold the letters of every country here.
    return not _NOT_ALLOWED.match(sign) or ("\u00c0" <= sign <= "\u017f" and sign.isalpha())
