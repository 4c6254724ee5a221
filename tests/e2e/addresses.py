"""Where the parts of a running stack are, by the names that `local` gives them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("members", "invoicing", "payroll", "guarantee", "governance")
STACK_VARIABLE = "PARTAGE_STACK"


class NoStack(Exception):
    """No running stack is known: start one with `make run`, or name its addresses.json in PARTAGE_STACK."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The doors of one cell."""

    country: str
    run_dir: Path
    gateway: str
    identity: str
    authority: str
    bank: str
    e_invoice: str
    mail: str
    kafka: str
    services: Mapping[str, str]
    workers: Mapping[str, str]
    databases: Mapping[str, str]

    @classmethod
    def of(cls, named: Mapping[str, str]) -> Addresses:
        """The doors from the names of `addresses.json`, which are those of the environment."""
        return cls(
            country=named["COUNTRY"].upper(),
            run_dir=Path(named["RUN_DIR"]),
            gateway=named["GATEWAY_URL"],
            identity=named["IDENTITY_URL"],
            authority=named["AUTHORITY_URL"],
            bank=named["BANK_URL"],
            e_invoice=named["E_INVOICE_URL"],
            mail=named["MAIL_URL"],
            kafka=named["KAFKA_BOOTSTRAP"],
            services={service: named[f"{service.upper()}_URL"] for service in SERVICES},
            workers={service: named[f"{service.upper()}_WORKER_URL"] for service in SERVICES},
            databases={service: named[f"{service.upper()}_DATABASE_URL"] for service in SERVICES},
        )

    @classmethod
    def found(cls) -> Addresses:
        """Those of the environment, else of the file in PARTAGE_STACK, else of RUN_DIR. Raises NoStack."""
        if "GATEWAY_URL" in os.environ:
            return cls.of(os.environ)
        named = os.environ.get(STACK_VARIABLE)
        file = Path(named) if named else Path(os.environ.get("RUN_DIR", ".run")) / "addresses.json"
        if not file.is_file():
            raise NoStack
        return cls.of(json.loads(file.read_text()))
