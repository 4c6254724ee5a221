"""The words of the minutes in French, Dutch and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

LANGUAGES: Final = ("fr", "nl", "en")
_ISO_DAY: Final = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")

# key: (French, Dutch, English)
_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "title": (
        "Procès-verbal de l’assemblée générale",
        "Notulen van de algemene vergadering",
        "Minutes of the general meeting",
    ),
    "kind.ordinary": ("ordinaire", "gewone", "ordinary"),
    "kind.extraordinary": ("extraordinaire", "buitengewone", "extraordinary"),
    "meeting": ("L’assemblée", "De vergadering", "The meeting"),
    "entity": ("Société", "Vennootschap", "Company"),
    "meeting_kind": ("Nature", "Aard", "Kind"),
    "meeting_date": ("Date de l’assemblée", "Datum van de vergadering", "Date of the meeting"),
    "place": ("Lieu", "Plaats", "Place"),
    "convened_on": ("Convoquée le", "Bijeengeroepen op", "Convened on"),
    "second_call": ("Deuxième convocation", "Tweede oproeping", "Second call"),
    "yes": ("oui", "ja", "yes"),
    "no": ("non", "neen", "no"),
    "record_date": ("Date d’enregistrement", "Registratiedatum", "Record date"),
    "roll": ("Liste électorale", "Kiezerslijst", "Electoral roll"),
    "roll_size": ("Membres inscrits", "Ingeschreven leden", "Members on the roll"),
    "roll_hash": (
        "Empreinte de la liste (SHA-256)",
        "Vingerafdruk van de lijst (SHA-256)",
        "Hash of the roll (SHA-256)",
    ),
    "present": ("Présents", "Aanwezig", "Present"),
    "by_proxy": ("Représentés par procuration", "Vertegenwoordigd bij volmacht", "Represented by proxy"),
    "chair": ("Présidence", "Voorzitter", "Chair"),
    "secretary": ("Secrétariat", "Secretaris", "Secretary"),
    "rules": ("Règles appliquées", "Toegepaste regels", "Rules applied"),
    "corrections": ("Corrections de la liste", "Verbeteringen van de lijst", "Corrections of the roll"),
    "added": ("ajoutés", "toegevoegd", "added"),
    "removed": ("retirés", "geschrapt", "removed"),
    "signed_by": ("signé par", "ondertekend door", "signed by"),
    "checks": ("Contrôles", "Controles", "Checks"),
    "check": ("Contrôle", "Controle", "Check"),
    "formula": ("Calcul", "Berekening", "Arithmetic"),
    "outcome": ("Résultat", "Uitkomst", "Outcome"),
    "citation": ("Fondement", "Grondslag", "Basis"),
    "invented": (
        "valeur de configuration, à confirmer",
        "configuratiewaarde, te bevestigen",
        "configuration value, to be confirmed",
    ),
    "resolutions": ("Résolutions", "Besluiten", "Resolutions"),
    "resolution": ("Résolution", "Besluit", "Resolution"),
    "kind.statutes": ("modification des statuts", "statutenwijziging", "change of the statutes"),
    "kind.object": ("modification de l’objet", "wijziging van het voorwerp", "change of the object"),
    "kind.election": ("élection", "verkiezing", "election"),
    "text_hash": (
        "Empreinte du texte (SHA-256)",
        "Vingerafdruk van de tekst (SHA-256)",
        "Hash of the text (SHA-256)",
    ),
    "authoritative": ("Texte faisant foi", "Authentieke tekst", "Authoritative text"),
    "votes": ("Votes", "Stemmen", "Votes"),
    "for": ("Pour", "Voor", "For"),
    "against": ("Contre", "Tegen", "Against"),
    "abstain": ("Abstentions", "Onthoudingen", "Abstentions"),
    "decision": ("Décision", "Beslissing", "Decision"),
    "remarks": ("Remarques", "Opmerkingen", "Remarks"),
    "written_on": ("Rédigé le", "Opgesteld op", "Written on"),
    "minutes_hash": (
        "Empreinte du procès-verbal (SHA-256)",
        "Vingerafdruk van de notulen (SHA-256)",
        "Hash of the minutes (SHA-256)",
    ),
    "signatures": ("Signatures", "Handtekeningen", "Signatures"),
    "page": ("Page", "Pagina", "Page"),
    "check.notice": ("Délai de convocation (jours)", "Oproepingstermijn (dagen)", "Notice (days)"),
    "check.record_date": ("Date d’enregistrement", "Registratiedatum", "Record date"),
    "check.one_vote": ("Un membre, une voix", "Eén lid, één stem", "One member, one vote"),
    "check.quorum": ("Quorum", "Quorum", "Quorum"),
    "check.majority": ("Majorité", "Meerderheid", "Majority"),
    "check.double_majority": (
        "Majorité dans chaque catégorie",
        "Meerderheid in elke categorie",
        "Majority in every class",
    ),
    "check.proxies": ("Procurations par personne", "Volmachten per persoon", "Proxies per holder"),
    "check.text": ("Texte tel que convoqué", "Tekst zoals opgeroepen", "Text as called"),
    "outcome.sufficient": ("suffisant", "voldoende", "sufficient"),
    "outcome.too_short": ("trop court", "te kort", "too short"),
    "outcome.waived": ("renonciation de tous", "verzaking door allen", "waived by all"),
    "outcome.respected": ("respecté", "nageleefd", "respected"),
    "outcome.not_respected": ("non respecté", "niet nageleefd", "not respected"),
    "outcome.reached": ("atteint", "bereikt", "reached"),
    "outcome.not_reached": ("non atteint", "niet bereikt", "not reached"),
    "outcome.carried": ("adoptée", "aangenomen", "carried"),
    "outcome.rejected": ("rejetée", "verworpen", "rejected"),
    "outcome.postponed": (
        "reportée, faute de quorum",
        "uitgesteld wegens gebrek aan quorum",
        "postponed for want of a quorum",
    ),
    "outcome.unchanged": ("inchangé", "ongewijzigd", "unchanged"),
    "outcome.changed": ("modifié", "gewijzigd", "changed"),
}

_MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": (
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    "nl": (
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}


def words(language: str) -> Mapping[str, str]:
    """All words of the minutes in one language. Raises KeyError for a language without words."""
    index = {code: number for number, code in enumerate(LANGUAGES)}[language]
    return {key: texts[index] for key, texts in _WORDS.items()}


def long_day(day: str, language: str) -> str:
    """A day in ISO 8601 as people write it: 20 août 2026."""
    when = date.fromisoformat(day)
    number = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return f"{number} {_MONTHS[language][when.month - 1]} {when.year}"


def with_long_days(text: str, language: str) -> str:
    """A text in which every day in ISO 8601 is written as people write it; what is no day stays."""

    def written(match: re.Match[str]) -> str:
        try:
            return long_day(match[0], language)
        except ValueError:
            return match[0]

    return _ISO_DAY.sub(written, text)
