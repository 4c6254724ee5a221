"""What the lines of a correction are called, in the languages members read."""

from __future__ import annotations

from typing import Final

from payroll.domain.law import Words

CARRIED_OVER: Final = "correction.carried_over"
CARRIED_OVER_WORDS: Final[Words] = {
    "fr": "Ce qui a été payé en trop auparavant n'a pas pu être entièrement retenu sur cette rémunération ; "
    "le reste est reporté sur la suivante.",
    "nl": "Wat vroeger te veel werd betaald, kon niet volledig van dit loon worden ingehouden; "
    "de rest wordt overgedragen naar het volgende.",
    "de": "Was früher zu viel gezahlt wurde, konnte von diesem Lohn nicht ganz einbehalten werden; "
    "der Rest wird auf den nächsten übertragen.",
    "en": "What was paid too much before could not all be withheld from this wage; "
    "the rest is carried over to the next.",
    "es": "Lo pagado de más anteriormente no ha podido retenerse por completo de este salario; "
    "el resto pasa al siguiente.",
    "hu": "A korábbi túlfizetést ebből a munkabérből nem lehetett teljesen levonni; "
    "a maradék a következőre átvitt tétel.",
    "it": "Quanto pagato in più in precedenza non ha potuto essere trattenuto per intero da questa "
    "retribuzione; il resto è riportato alla successiva.",
    "sv": "Det som tidigare betalats ut för mycket kunde inte dras av helt från denna lön; "
    "resten förs över till nästa.",
}
_WORDS: Final[Words] = {
    "fr": "Correction de la période finie le {day}",
    "nl": "Correctie van de periode tot {day}",
    "de": "Berichtigung des Zeitraums bis {day}",
    "en": "Correction of the pay period until {day}",
    "es": "Corrección del período hasta el {day}",
    "hu": "A(z) {day} napig tartó időszak helyesbítése",
    "it": "Correzione del periodo fino al {day}",
    "sv": "Rättelse av perioden till och med {day}",
}
_DAY_LENGTH: Final = 10  # 2026-07-31


def correction_words(code: str, line: Words | None) -> Words:
    """The words of `correction.2026-07-31`, or of a line below it, whose own words are `line`."""
    day = code.partition(".")[2][:_DAY_LENGTH]
    if line is None:
        return {language: words.format(day=day) for language, words in _WORDS.items()}
    return {
        language: f"{words.format(day=day)}: {line.get(language) or line['en']}"
        for language, words in _WORDS.items()
    }
