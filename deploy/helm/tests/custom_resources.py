"""Layer 5: custom resources against the operators' own definitions, as an API server would judge them.

Four rules: defaults come first, since a rule may need them; an object with properties has no others; a rule that
cannot be evaluated refuses, as the server does; addresses are checked. Operators' webhooks know more than this.
"""

from __future__ import annotations

import copy
import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import cel
import jsonschema

from deploy.helm.tests.rendering import FIXTURES, Object, documents

DEFINITIONS: Final = FIXTURES / "kubernetes-crds"
_KEYWORDS: Final = frozenset(
    [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
_KEEPS_UNKNOWN: Final = "x-kubernetes-preserve-unknown-fields"
_FORMATS: Final = jsonschema.FormatChecker(formats=())


@_FORMATS.checks("ipv4", ValueError)
def _is_ipv4(value: object) -> bool:
    return not isinstance(value, str) or bool(ipaddress.IPv4Address(value))


@_FORMATS.checks("ipv6", ValueError)
def _is_ipv6(value: object) -> bool:
    return not isinstance(value, str) or bool(ipaddress.IPv6Address(value))


def faults(resource: Object, folder: Path = DEFINITIONS) -> list[str]:
    """What is wrong with a resource, a sentence each; nothing where a server would take it."""
    kind, version = str(resource.get("kind")), str(resource.get("apiVersion"))
    schema = _schemas(folder).get((version, kind))
    if schema is None:
        return [f'no matches for kind "{kind}" in version "{version}"']
    filled = copy.deepcopy(resource)
    _fill(filled, schema)
    wrong = [
        f"{_path(error.absolute_path)}: {error.message}"
        for error in _validator(folder, version, kind).iter_errors(filled)
    ]
    return [*wrong, *_judged(filled, schema, "")]


@cache
def known_kinds(folder: Path = DEFINITIONS) -> frozenset[tuple[str, str]]:
    """Version and kind of everything that is defined."""
    return frozenset(_schemas(folder))


@cache
def _schemas(folder: Path) -> Mapping[tuple[str, str], Any]:
    found = {}
    for path in sorted(folder.glob("[!o]*/*.yaml")):
        for definition in documents(path.read_text(encoding="utf-8")):
            if definition["kind"] != "CustomResourceDefinition":
                continue
            spec = definition["spec"]
            for version in spec["versions"]:
                if version["served"]:
                    key = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
                    found[key] = version["schema"]["openAPIV3Schema"]
    return found


@cache
def _validator(folder: Path, version: str, kind: str) -> Any:
    schema = _closed(copy.deepcopy(_schemas(folder)[version, kind]))
    schema["properties"] |= {"apiVersion": {}, "kind": {}, "metadata": {"type": "object"}}
    return jsonschema.Draft4Validator(schema, format_checker=_FORMATS)


def _closed(schema: Any) -> Any:
    """The schema as JSON schema: closed, and null allowed where it says nullable."""
    for name in ("properties", "definitions"):
        for key, each in schema.get(name, {}).items():
            schema[name][key] = _closed(each)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            schema[name] = _closed(schema[name])
    if schema.get("properties") and not schema.get(_KEEPS_UNKNOWN):
        schema.setdefault("additionalProperties", False)
    if schema.get("nullable") and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    return schema


def _fill(value: Any, schema: Any) -> None:
    if isinstance(value, dict):
        for name, each in schema.get("properties", {}).items():
            if name not in value and "default" in each:
                value[name] = copy.deepcopy(each["default"])
            if name in value:
                _fill(value[name], each)
        more = schema.get("additionalProperties")
        if isinstance(more, dict):
            for name, each in value.items():
                if name not in schema.get("properties", {}):
                    _fill(each, more)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for each in value:
            _fill(each, schema["items"])


def _judged(value: Any, schema: Any, path: str) -> Iterator[str]:
    """What list keys and CEL rules refuse, from the root down."""
    for rule in schema.get("x-kubernetes-validations", ()):
        if "oldSelf" in rule["rule"] and not rule.get("optionalOldSelf"):
            continue  # it compares with what was there before
        sentence = rule.get("message") or f"failed rule: {rule['rule']}"
        try:
            if _program(rule["rule"]).execute({"self": _for_cel(value, schema), "oldSelf": None}) is not True:
                yield f"{path}: {sentence}"
        except Exception as error:
            yield f"{path}: {error} evaluating rule: {sentence}"
    if isinstance(value, dict):
        known = schema.get("properties", {})
        more = schema.get("additionalProperties")
        for name, each in value.items():
            below = known.get(name, more if isinstance(more, dict) else None)
            if below is not None:
                yield from _judged(each, below, f"{path}.{name}".strip("."))
    elif isinstance(value, list):
        yield from _doubles(value, schema, path)
        for index, each in enumerate(value):
            if isinstance(schema.get("items"), dict):
                yield from _judged(each, schema["items"], f"{path}[{index}]")


def _doubles(value: list[Any], schema: Any, path: str) -> Iterator[str]:
    kind = schema.get("x-kubernetes-list-type")
    if kind not in ("map", "set"):
        return
    keys = schema.get("x-kubernetes-list-map-keys", ())
    seen = set()
    for index, each in enumerate(value):
        what = {key: each.get(key) for key in keys} if kind == "map" and isinstance(each, dict) else each
        text = json.dumps(what, sort_keys=True)
        if text in seen:
            yield f"{path}[{index}]: Duplicate value: {text}"
        seen.add(text)


@cache
def _program(rule: str) -> Any:
    return cel.compile(rule)


def _for_cel(value: Any, schema: Any) -> Any:
    """A value under the names that rules use: `namespace` is written `__namespace__`, a dash `__dash__`."""
    if isinstance(value, dict):
        known = schema.get("properties", {})
        more = schema.get("additionalProperties")
        return {
            _escaped(name) if name in known else name: _for_cel(
                each, known.get(name) or (more if isinstance(more, dict) else {})
            )
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_for_cel(each, schema.get("items") or {}) for each in value]
    return value


def _escaped(name: str) -> str:
    if name in _KEYWORDS:
        return f"__{name}__"
    return re.sub(r"[-./]", lambda found: {"-": "__dash__", ".": "__dot__", "/": "__slash__"}[found[0]], name)


def _path(parts: Any) -> str:
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in parts).strip(".")
