"""Minutes for people: an accessible page (HTML) and a tagged document (PDF), in the language asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

import jinja2
import typst

from governance.documents.labels import LANGUAGES, long_day, with_long_days, words
from governance.domain.minutes import Minutes

FALLBACK_LANGUAGE = "en"


def html_minutes(minutes: Minutes, language: str) -> str:
    """One HTML page without script or outside resource; headings, lists and table heads carry the structure.

    A language without words falls back to English; a resolution without a text in it shows the authoritative
    one, marked with its own language.
    """
    return _template().render(view(minutes, language))


def pdf_minutes(minutes: Minutes, language: str) -> bytes:
    """The same as a PDF/UA-1 document. The same minutes give the same bytes."""
    page = json.dumps(view(minutes, language), ensure_ascii=False)
    written = datetime.combine(minutes.written_on, datetime.min.time(), UTC)
    compiler = typst.Compiler(
        input=_resource("minutes.typ").encode(),
        sys_inputs={"page": page},
        ignore_system_fonts=True,  # the fonts inside the library: the same document on every machine
    )
    document = compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=int(written.timestamp()))
    assert isinstance(document, bytes), "one format gives one document"
    return document


def language_of(wanted: str) -> str:
    """The language a document is written in where another one may be asked for."""
    return wanted if wanted in LANGUAGES else FALLBACK_LANGUAGE


def view(minutes: Minutes, language: str) -> dict[str, Any]:
    """Everything both documents show, in words of one language."""
    language = language_of(language)
    word = words(language)
    record = minutes.to_record()

    def shown(check: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": word.get(f"check.{check['name']}", check["name"]),
            "formula": with_long_days(check["formula"], language),
            "outcome": word[f"outcome.{check['outcome']}"],
            "citation": check["citation"],
            "invented": check["invented"],
        }

    def kind(code: str) -> str:
        return word.get(f"kind.{code}", code)

    def text(resolution: dict[str, Any]) -> dict[str, str]:
        own = resolution["authoritative_language"]
        chosen = language if resolution["texts"].get(language) else own
        return {"language": chosen, "text": resolution["texts"].get(chosen, ""), "authoritative": own}

    return {
        "language": language,
        "word": word,
        "hash": minutes.hash,
        "title": f"{word['title']} – {minutes.entity_name}",
        "facts": [
            [word["entity"], minutes.entity_name],
            [word["meeting_kind"], kind(minutes.meeting_kind)],
            [word["meeting_date"], long_day(record["meeting_date"], language)],
            [word["place"], minutes.place],
            [word["convened_on"], long_day(record["convened_on"], language)],
            [word["second_call"], word["yes" if minutes.second_call else "no"]],
            [word["chair"], minutes.chair],
            [word["secretary"], minutes.secretary],
            [word["rules"], f"{minutes.rule_set} ({minutes.rule_set_version})"],
        ],
        "roll": [
            [word["record_date"], long_day(record["record_date"], language)],
            [word["roll_size"], str(minutes.roll_size)],
            [word["present"], str(minutes.present)],
            [word["by_proxy"], str(minutes.by_proxy)],
        ],
        "roll_hash": minutes.roll_hash,
        "corrections": [
            f"{one['reason']} ({word['added']}: {one['added']}, {word['removed']}: {one['removed']}; "
            f"{word['signed_by']} {', '.join(one['signed_by'])})"
            for one in record["corrections"]
        ],
        "checks": [shown(check) for check in record["meeting_checks"]],
        "resolutions": [
            {
                "number": one["number"],
                "kind": kind(one["kind"]),
                **text(one),
                "text_hash": one["text_hash"],
                "votes": [
                    [word["for"], str(one["for_count"])],
                    [word["against"], str(one["against_count"])],
                    [word["abstain"], str(one["abstain_count"])],
                ],
                "outcome": word[f"outcome.{one['outcome']}"],
                "checks": [shown(check) for check in one["checks"]],
            }
            for one in record["resolutions"]
        ],
        "remarks": record["remarks"],
        "written_on": long_day(record["written_on"], language),
        "signatures": [[word["chair"], minutes.chair], [word["secretary"], minutes.secretary]],
    }


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_resource("minutes.html.jinja"))


@cache
def _resource(name: str) -> str:
    return resources.files("governance.documents").joinpath(name).read_text(encoding="utf-8")
