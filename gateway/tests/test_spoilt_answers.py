"""Whatever a service answers, a compiled plan gives the answer of the general executor."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from gateway.testing.audit import Case, answered, cases

SPOILT_PER_CASE = 12
SEED = 20260605


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON value: its holder and its key or index."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in list(keys):
            found.append((holder, key))
            waiting.append(holder[key])
    return found


def _null(response: dict[str, Any], at: tuple[Any, Any], chance: random.Random) -> None:
    at[0][at[1]] = None


def _missing(response: dict[str, Any], at: tuple[Any, Any], chance: random.Random) -> None:
    del at[0][at[1]]


def _wrong_type(response: dict[str, Any], at: tuple[Any, Any], chance: random.Random) -> None:
    at[0][at[1]] = chance.choice([7, 1.5, True, "text", [], {}, [None], {"id": 1}, 2**70])


def _wrong_typename(response: dict[str, Any], at: tuple[Any, Any], chance: random.Random) -> None:
    for holder, key in _places(response):
        if key == "__typename":
            holder[key] = chance.choice(["Query", "Nobody", "Product", None, 3])


def _extra(response: dict[str, Any], at: tuple[Any, Any], chance: random.Random) -> None:
    if isinstance(at[0], dict):
        at[0][chance.choice(["id", "name", "price", "__typename", "unheard"])] = "extra"


def _short(response: dict[str, Any], at: tuple[Any, Any], chance: random.Random) -> None:
    for holder, key in _places(response):
        if isinstance(holder[key], list) and holder[key]:
            holder[key].pop()
            return


def _error(response: dict[str, Any], at: tuple[Any, Any], chance: random.Random) -> None:
    path: list[Any] = chance.choice([[], ["_entities", 0], ["_entities", 0, "x", 1], [at[1]], ["_e0", 1]])
    error = {"message": "spoilt", "path": path, "extensions": {"code": "FORBIDDEN"}}
    response["errors"] = [error, {"message": "a secret"}]
    if chance.random() < 0.5:
        at[0][at[1]] = None


def _nothing(response: dict[str, Any], at: tuple[Any, Any], chance: random.Random) -> None:
    response.clear()
    response.update(chance.choice([{"data": None}, {}, {"errors": []}, {"errors": "no"}, {"data": []}]))


SPOILERS: list[Callable[[dict[str, Any], tuple[Any, Any], random.Random], None]] = [
    _null,
    _null,
    _missing,
    _wrong_type,
    _wrong_typename,
    _extra,
    _short,
    _error,
    _error,
    _nothing,
]


def _spoilt(response: dict[str, Any], chance: random.Random) -> bytes:
    if chance.random() < 0.05:
        return chance.choice([b"", b"no JSON", b"[]", b"null", b'{"data": ', b"[" * 5000])
    response = copy.deepcopy(response)
    for _ in range(chance.choice([1, 1, 2])):
        places = _places(response)
        if places:
            chance.choice(SPOILERS)(response, chance.choice(places), chance)
    return json.dumps(response).encode()


@pytest.mark.parametrize("case", cases() or [None], ids=lambda case: case.name if case else "absent")
async def test_both_executors_agree_on_a_spoilt_answer(case: Case | None) -> None:
    if case is None:
        pytest.skip("not run: the recorded audit is not in PARTAGE_FIXTURES")
    chance = random.Random(f"{SEED}-{case.name}")  # noqa: S311  # the same spoilt answers every time
    for _ in range(SPOILT_PER_CASE if case.exchanges else 0):
        number = chance.randrange(len(case.exchanges))
        spoilt = {number: _spoilt(case.exchanges[number]["response"], chance)}
        try:
            general = await answered(case, is_compiled=False, spoilt=spoilt)
        except AssertionError:
            # The spoilt answer leads to a call that was never recorded: nothing to compare.
            continue
        compiled = await answered(case, is_compiled=True, spoilt=spoilt)
        assert compiled.data == general.data, spoilt
        assert compiled.errors == general.errors, spoilt
