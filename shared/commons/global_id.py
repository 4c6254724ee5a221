"""Global ids: opaque to clients, decodable without a look-up, the country inside the key."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from uuid import UUID

from commons.refusal import Refusal

_TEXT = re.compile(r"([A-Z]{2}):([A-Z][A-Za-z]{1,40}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
TEXT_LENGTH_MAX = 120


class MalformedId(Refusal):
    """This is not an id of this system."""


class WrongType(Refusal):
    """The id belongs to another kind of thing than the one asked for."""


class WrongCountry(Refusal):
    """The id belongs to another country than the one asked."""


@dataclass(frozen=True, slots=True)
class GlobalId:
    """Country (ISO 3166, upper case), type name and key of a thing."""

    country: str
    type_name: str
    key: UUID

    def __str__(self) -> str:
        return encode(self.country, self.type_name, self.key)


def encode(country: str, type_name: str, key: UUID | str) -> str:
    """The global id as clients see it: base64url without padding of `BE:Invoice:<uuid>`."""
    return base64.urlsafe_b64encode(f"{country}:{type_name}:{key}".encode()).rstrip(b"=").decode()


def decode(text: str) -> GlobalId:
    """What a global id says. Raises MalformedId."""
    if len(text) > TEXT_LENGTH_MAX or not text.isascii():
        raise MalformedId()
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        raise MalformedId() from None
    match = _TEXT.fullmatch(plain)
    if match is None or encode(match[1], match[2], match[3]) != text:
        raise MalformedId()
    return GlobalId(match[1], match[2], UUID(match[3]))


def decode_as(text: str, type_name: str, country: str) -> UUID:
    """The key of an id that must be of this type and country. Raises MalformedId, WrongType, WrongCountry."""
    found = decode(text)
    if found.country != country:
        raise WrongCountry(expected=country, given=found.country)
    if found.type_name != type_name:
        raise WrongType(expected=type_name, given=found.type_name)
    return found.key
