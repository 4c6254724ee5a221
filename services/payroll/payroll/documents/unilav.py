"""Italy's notice of a hire (UniLav, comunicazione obbligatoria), as XML: one notice a file.

Shape unverified: the schema of the ministry was not at hand; the sections are those of the printed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lxml import etree

from payroll.documents.return_text import ReturnFile, add, alphanumeric, day_first, fit, xml_bytes
from payroll.domain.periodic_return import Declarant, WorkerIdentity


@dataclass(frozen=True, slots=True)
class HireNotice:
    """One hire to be announced by midnight of the day before it begins."""

    reference: str
    declarant: Declarant
    worker: WorkerIdentity
    first_day: date
    last_day: date
    qualification: str


def write_unilav(notice: HireNotice) -> ReturnFile:
    """The notice. Raises ReturnTextEmpty."""
    root = etree.Element("UniLav")
    add(root, "CodiceComunicazioneMittente", fit(notice.reference, 36))
    employer = add(root, "DatoreLavoro")
    add(employer, "CodiceFiscale", alphanumeric(notice.declarant.enterprise_number, 16))
    add(employer, "Denominazione", fit(notice.declarant.name, 100))
    worker = add(root, "Lavoratore")
    add(worker, "CodiceFiscale", alphanumeric(notice.worker.national_number, 16))
    add(worker, "Cognome", fit(notice.worker.family_name, 50))
    add(worker, "Nome", fit(notice.worker.given_name, 50))
    add(worker, "DataNascita", day_first(notice.worker.birth_date))
    relation = add(root, "RapportoLavoro")
    add(relation, "DataInizio", day_first(notice.first_day))
    add(relation, "DataFine", day_first(notice.last_day))
    add(relation, "QualificaProfessionale", fit(notice.qualification, 20))
    return ReturnFile(f"UNILAV_{alphanumeric(notice.reference, 36)}.xml", xml_bytes(root))
