"""German social insurance of a month: ordinary, in the midi-job range, and in a mini-job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from payroll.domain.integers import Cents, div, mul_rate, where
from payroll.domain.law import Rule
from payroll.domain.sheet import Sheet
from payroll.domain.wage import Batch

BRANCHES: Final = ("health", "care", "pension", "unemployment")
FINE_UNIT: Final = 100_000  # rates with five decimals, so that the midi-job's products stay inside 64 bits


@dataclass(frozen=True, slots=True)
class Shares:
    """What worker and employer owe for one branch on a month's pay, in cents."""

    worker: Cents
    employer: Cents


def month_shares(branch: str, of_month: Cents, batch: Batch, sheet: Sheet) -> Shares:
    """The shares of one branch on the pay of a month, by the range it falls in."""
    limits = sheet.rule("social.limits")
    mini, midi = limits.amount("mini_job"), limits.amount("midi_job")
    ordinary = _ordinary(branch, of_month, batch, sheet)
    sliding = _midi_job(branch, of_month, batch, sheet, limits)
    small = _mini_job(branch, of_month, batch, sheet)

    def by_range(side: str) -> Cents:
        return where(
            of_month <= mini,
            getattr(small, side),
            where(of_month <= midi, getattr(sliding, side), getattr(ordinary, side)),
        )

    return Shares(by_range("worker"), by_range("employer"))


def care_rate_of_worker(batch: Batch, sheet: Sheet) -> Cents:
    """The worker's rate of care insurance in millionths, with surcharge or discounts for children."""
    rule, situation = sheet.rule("social.care"), batch.situation
    base = where(situation.works_in_saxony, rule.rate("worker_saxony"), rule.rate("worker"))
    childless = where(situation.is_childless, rule.rate("childless"), 0)
    discounts = where(situation.is_childless, 0, situation.care_discounts * rule.rate("discount"))
    return base + childless - discounts


def _ordinary(branch: str, of_month: Cents, batch: Batch, sheet: Sheet) -> Shares:
    counted = np.minimum(of_month, _ceiling(branch, batch, sheet))
    worker, employer = _rates(branch, batch, sheet)
    return Shares(mul_rate(counted, worker), mul_rate(counted, employer))


def _midi_job(branch: str, of_month: Cents, batch: Batch, sheet: Sheet, limits: Rule) -> Shares:
    # SGB IV, par. 20 (2a): the worker's share begins at nothing; the employer bears the rest of the whole.
    low, high = limits.amount("mini_job"), limits.amount("midi_job")
    factor = int(limits.decimal("factor") * 10_000)
    # Limits in euros, so that the products stay inside 64 bits.
    low_euros, high_euros = low // 100, high // 100
    span = high_euros - low_euros
    over = np.clip(of_month - low, 0, high - low)
    whole = factor * low * span + (high_euros * 10_000 - low_euros * factor) * over  # in 1 / (10^4 span)
    workers = high_euros * over  # in 1 / span
    worker_rate, employer_rate = _rates(branch, batch, sheet)
    surcharge, discount = np.zeros_like(over), np.zeros_like(over)
    base_rate = worker_rate
    if branch == "care":
        rule, situation = sheet.rule("social.care"), batch.situation
        base_rate = where(situation.works_in_saxony, rule.rate("worker_saxony"), rule.rate("worker"))
        childless = where(situation.is_childless, rule.rate("childless"), 0)
        discounts = where(situation.is_childless, 0, situation.care_discounts * rule.rate("discount"))
        surcharge = div(whole * _fine(childless), 10_000 * span * FINE_UNIT)
        discount = div(workers * _fine(discounts), span * FINE_UNIT)
    worker = div(workers * _fine(base_rate), span * FINE_UNIT)
    both = div(whole * _fine(base_rate + employer_rate), 10_000 * span * FINE_UNIT)
    return Shares(worker + surcharge - discount, both - worker)


def _mini_job(branch: str, of_month: Cents, batch: Batch, sheet: Sheet) -> Shares:
    rule = sheet.rule("social.mini_job")
    employer = mul_rate(of_month, rule.rate(f"{branch}_employer")) if rule.has(f"{branch}_employer") else 0
    worker = np.zeros_like(of_month)
    if branch == "pension":
        owed = mul_rate(of_month, rule.rate("pension_worker"))
        worker = where(batch.situation.is_exempt_from_pension, 0, owed)
    return Shares(worker, worker * 0 + employer)


def _rates(branch: str, batch: Batch, sheet: Sheet) -> tuple[Cents, Cents]:
    rule, situation = sheet.rule(f"social.{branch}"), batch.situation
    none = np.zeros_like(situation.care_discounts)
    if branch == "health":
        rate = rule.rate("half") + situation.fund_supplement // 2
        return rate, rate
    if branch == "care":
        employer = where(situation.works_in_saxony, rule.rate("employer_saxony"), rule.rate("employer"))
        return care_rate_of_worker(batch, sheet), employer
    return none + rule.rate("half"), none + rule.rate("half")


def _ceiling(branch: str, batch: Batch, sheet: Sheet) -> Cents:
    # A part of a month has its part of the ceiling; earlier payments of the month bring theirs.
    share = np.minimum(1_000_000, batch.time_month_millionths + batch.earlier.time_month_millionths)
    return mul_rate(sheet.rule(f"social.{branch}").amount("ceiling"), share)


def _fine(rate: Cents) -> Cents:
    return rate // 10
