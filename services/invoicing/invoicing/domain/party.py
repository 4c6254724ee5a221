"""Who sells and who buys, in the words of EN 16931 (BG-4, BG-7)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address (BG-5, BG-8); `country` is an ISO 3166 code in upper case."""

    street: str  # BT-35 · BT-50
    city: str  # BT-37 · BT-52
    post_code: str  # BT-38 · BT-53
    country: str  # BT-40 · BT-55
    additional_street: str = ""  # BT-36 · BT-51


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier within a scheme: a registration (BT-30, BT-47) or an endpoint (BT-34, BT-49)."""

    value: str
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask (BG-6, BG-9)."""

    name: str = ""  # BT-41 · BT-56
    telephone: str = ""  # BT-42 · BT-57
    email: str = ""  # BT-43 · BT-58


@dataclass(frozen=True, slots=True)
class Party:
    """A seller or a buyer. A buyer without `vat_identifier` is not a taxable person for us."""

    name: str  # BT-27 · BT-44
    address: Address
    vat_identifier: str = ""  # BT-31 · BT-48
    legal_registration: Identifier | None = None  # BT-30 · BT-47
    endpoint: Identifier | None = None  # BT-34 · BT-49
    trading_name: str = ""  # BT-28 · BT-45
    additional_legal_information: str = ""  # BT-33: legal form, register; for a seller
    contact: Contact | None = None

    @property
    def is_taxable(self) -> bool:
        """Whether it has a VAT number, so that it buys as a taxable person."""
        return bool(self.vat_identifier)
