"""The capacity page is computed from what was measured, and its sums are right."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from deploy.capacity.derive import PAGE, SMART, TEN_TIMES, costs, derived, requested, written
from deploy.capacity.measure import MEASURED
from deploy.seeing.metrics import SERVICES


def test_the_page_is_computed_from_what_was_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(), "run `make capacity-page`"


def test_every_program_of_a_cell_was_measured() -> None:
    measured = json.loads(MEASURED.read_text())
    assert measured["engagements"] >= 10
    for service in SERVICES:
        for process in ("api", "worker"):
            assert measured["grown"]["cpu"][f"{service} {process}"] > 0
        assert measured["grown"]["database_bytes"][service] >= 0
    assert measured["grown"]["events"]["invoicing"] >= 5 * measured["engagements"]


def test_ten_times_as_much_costs_ten_times_as_much() -> None:
    of = costs(json.loads(MEASURED.read_text()))
    one, ten = derived(SMART, of), derived(TEN_TIMES, of)
    assert one.engagements == 190_000
    assert ten.peak_cores == pytest.approx(10 * one.peak_cores)
    assert ten.kafka_gib == pytest.approx(10 * one.kafka_gib)
    assert derived(replace(SMART, turnover_euros=0), of).peak_cores == 0


def test_a_large_cell_asks_for_more_than_a_small_one() -> None:
    assert all(large > small for large, small in zip(requested("large"), requested("small"), strict=True))
