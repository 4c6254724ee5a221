"""The words around the lines of an explanation, in the languages members read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EXPLANATION_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "net_payable": {
        "de": "Auszahlungsbetrag",
        "en": "Net payable",
        "es": "Líquido a percibir",
        "fr": "Net à payer",
        "hu": "Kifizetendő nettó összeg",
        "it": "Netto in busta",
        "nl": "Netto te betalen",
        "sv": "Nettolön att betala ut",
    },
    "labor_cost": {
        "de": "Lohnkosten",
        "en": "Labor cost",
        "es": "Coste salarial",
        "fr": "Coût salarial",
        "hu": "Bérköltség",
        "it": "Costo del lavoro",
        "nl": "Loonkost",
        "sv": "Lönekostnad",
    },
    "terms": {
        "de": "Was im Vertrag vereinbart ist",
        "en": "What the contract says",
        "es": "Lo pactado en el contrato",
        "fr": "Ce que dit le contrat",
        "hu": "Amit a szerződés kimond",
        "it": "Quanto stabilito nel contratto",
        "nl": "Wat het contract zegt",
        "sv": "Vad avtalet säger",
    },
    "time": {
        "de": "Die gearbeitete Zeit",
        "en": "The time worked",
        "es": "El tiempo trabajado",
        "fr": "Le temps travaillé",
        "hu": "A ledolgozott idő",
        "it": "Il tempo lavorato",
        "nl": "De gewerkte tijd",
        "sv": "Den arbetade tiden",
    },
    "situation": {
        "de": "Was über die Person bekannt ist",
        "en": "What is known of the worker",
        "es": "Lo que consta de la persona",
        "fr": "Ce qui est connu de la personne",
        "hu": "Amit a munkavállalóról tudni lehet",
        "it": "Quanto è noto della persona",
        "nl": "Wat over de persoon bekend is",
        "sv": "Vad som är känt om personen",
    },
    "earlier": {
        "de": "Was früher ausgezahlt wurde",
        "en": "What was paid before",
        "es": "Lo pagado anteriormente",
        "fr": "Ce qui a été payé auparavant",
        "hu": "A korábbi kifizetések",
        "it": "Quanto pagato in precedenza",
        "nl": "Wat eerder is betaald",
        "sv": "Vad som har betalats tidigare",
    },
}
