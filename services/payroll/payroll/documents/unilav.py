"""The hire of a worker in Italy as UniLav (comunicazione obbligatoria), one notice a file, shape unverified.

The schema of the ministry was not at hand; the sections are those of the printed form. The worker's name,
place of birth and qualification, which it asks for, are not known here: they must be added with the schema.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from lxml import etree

from payroll.documents.hire_record import UNVERIFIED
from payroll.documents.return_text import add, alphanumeric, day_first, root_of
from payroll.domain.declaration import Hire

NAMESPACE: Final = "urn:partage:unilav:shape-unverified"
START, END, CANCEL = "Assunzione", "Cessazione", "Annullamento"


def hire_declaration(hire: Hire) -> bytes:
    """The notice that a worker will begin; it holds a tax code: never logged. Raises ReturnTextEmpty."""
    root = _notice(START)
    employer = add(root, "DatoreLavoro")
    add(employer, "CodiceFiscale", alphanumeric(hire.enterprise_number, 16))
    worker = add(root, "Lavoratore")
    add(worker, "CodiceFiscale", alphanumeric(hire.national_number, 16))
    relation = add(root, "RapportoLavoro")
    add(relation, "DataInizio", day_first(hire.first_day))
    add(relation, "DataFine", day_first(hire.last_day))
    return _bytes(root)


def end(period_id: str, last_day: date) -> bytes:
    """The notice that a declared hire ends on a day before the one that was told."""
    root = _notice(END, period_id)
    add(add(root, "RapportoLavoro"), "DataFine", day_first(last_day))
    return _bytes(root)


def cancellation(period_id: str) -> bytes:
    """The statement that a declared hire did not take place."""
    return _bytes(_notice(CANCEL, period_id))


def _notice(kind: str, reference: str | None = None) -> etree._Element:
    root = root_of("UniLav", NAMESPACE)
    add(root, "TipoComunicazione", kind)
    if reference is not None:
        add(root, "CodiceComunicazione", reference)
    return root


def _bytes(root: etree._Element) -> bytes:
    root.addprevious(etree.Comment(f" {UNVERIFIED}: the schema of UniLav was not at hand. "))
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
