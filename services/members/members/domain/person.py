"""A person as the register knows one: checked once, at the door."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from members.domain.errors import (
    BirthDateImplausible,
    LanguageNotServed,
    MalformedEmail,
    NameHasForbiddenCharacters,
    NameMissing,
    NameTooLong,
    NotOfAge,
)

NAME_LENGTH_MAX: Final = 100  # characters; the longest names that civil registers print stay below it
EMAIL_LENGTH_MAX: Final = 254  # RFC 5321: a path of 256 octets, less its angle brackets
EMAIL_LOCAL_LENGTH_MAX: Final = 64
AGE_YEARS_MAX: Final = 130

_EMAIL = re.compile(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person: two parts of a name, an address to write to, a language, a birth date."""

    given_name: str
    family_name: str
    email: str
    language: str
    birth_date: date

    @property
    def full_name(self) -> str:
        """The name as letters and lists show it."""
        return f"{self.given_name} {self.family_name}"


def check_person(
    *,
    given_name: str,
    family_name: str,
    email: str,
    language: str,
    birth_date: date,
    today: date,
    languages: Collection[str],
    minimum_age_years: int,
) -> Person:
    """The person with cleaned names, or the refusal that names the field.

    Raises NameMissing, NameTooLong, NameHasForbiddenCharacters, MalformedEmail, LanguageNotServed,
    BirthDateImplausible, NotOfAge.
    """
    if language not in languages:
        raise LanguageNotServed(served=sorted(languages)).at("language")
    age = age_on(birth_date, today)
    if not 0 <= age <= AGE_YEARS_MAX:
        raise BirthDateImplausible().at("birthDate")
    if age < minimum_age_years:
        raise NotOfAge(minimum_age_years=minimum_age_years).at("birthDate")
    return Person(
        given_name=check_name(given_name, "givenName"),
        family_name=check_name(family_name, "familyName"),
        email=check_email(email),
        language=language,
        birth_date=birth_date,
    )


def check_name(text: str, field: str) -> str:
    """A part of a name, composed (NFC) and with single blanks.

    Raises NameTooLong, NameHasForbiddenCharacters, NameMissing, each pointing at the field.
    """
    if len(text) > NAME_LENGTH_MAX * 2:  # before any work: composing may only shorten it to half or so
        raise NameTooLong(characters_max=NAME_LENGTH_MAX).at(field)
    if any(_is_forbidden(character) for character in text):
        raise NameHasForbiddenCharacters().at(field)
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > NAME_LENGTH_MAX:
        raise NameTooLong(characters_max=NAME_LENGTH_MAX).at(field)
    if not any(character.isalpha() for character in name):
        raise NameMissing().at(field)
    return name


def check_email(text: str) -> str:
    """An address of the form name@domain, the domain in lower case. Raises MalformedEmail.

    Only what common mail servers accept: no quotes, no comments, no address literal. Whether somebody reads
    it is shown by the first letter, not by a longer pattern.
    """
    text = text.strip(" ")
    found = _EMAIL.fullmatch(text) if len(text) <= EMAIL_LENGTH_MAX else None
    if found is None or len(found["local"]) > EMAIL_LOCAL_LENGTH_MAX:
        raise MalformedEmail().at("email")
    return f"{found['local']}@{found['domain'].lower()}"


def age_on(birth_date: date, day: date) -> int:
    """Full years lived on a day; who was born on 29 February turns on 1 March in other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _is_forbidden(character: str) -> bool:
    # Every category C: control, format (bidirectional overrides and zero-width signs make two names look
    # alike or read backwards), surrogates, private use, unassigned; and the separators of lines.
    category = unicodedata.category(character)
    return category.startswith("C") or category in ("Zl", "Zp")
