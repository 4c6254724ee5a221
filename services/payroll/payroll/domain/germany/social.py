"""German social insurance of a month: ordinary, in the midi-job range, and in a mini-job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from payroll.domain.integers import RATE_UNIT, Cents, Flags, column, div, mul_rate, where, within
from payroll.domain.law import Rule
from payroll.domain.sheet import Sheet
from payroll.domain.wage import Batch

BRANCHES: Final = ("health", "care", "pension", "unemployment")
FINE_UNIT: Final = 100_000  # rates with five decimals, so that the midi-job's products stay inside 64 bits


@dataclass(frozen=True, slots=True)
class Shares:
    """What worker and employer owe for one branch on a month's pay, in cents, or at which rates."""

    worker: Cents
    employer: Cents


@dataclass(frozen=True, slots=True)
class Month:
    """The pay of a month in cents, its share of the ceilings in millionths, and the range it falls in.

    Where it is neither a mini-job nor in the midi-job range, the ordinary rules hold.
    """

    pay: Cents
    ceiling_share: Cents
    is_mini_job: Flags
    is_midi_job: Flags

    @classmethod
    def of(cls, pay: Cents, batch: Batch, limits: Rule) -> Self:
        """The month of each payment; a part of it has its part of the ceilings, with what came before."""
        is_mini_job = pay <= limits.amount("mini_job")
        share = np.minimum(RATE_UNIT, batch.time_month_millionths + batch.earlier.time_month_millionths)
        return cls(pay, share, is_mini_job, ~is_mini_job & (pay <= limits.amount("midi_job")))


def month_shares(month: Month, batch: Batch, sheet: Sheet) -> list[Shares]:
    """The shares of each of BRANCHES on the pay of a month, by the range it falls in."""
    rates = [_rates(branch, batch, sheet) for branch in BRANCHES]
    found = [_ordinary(branch, month, each, sheet) for branch, each in zip(BRANCHES, rates, strict=True)]
    # Where no row is in a range, what would hold in it need not be computed; the law was consulted still.
    limits, small_rule = sheet.rule("social.limits"), sheet.rule("social.mini_job")
    if month.is_midi_job.any():
        pay = MidiJobPay.of(month.pay, limits)
        sliding = [
            _midi_job(branch, pay, each, batch, sheet) for branch, each in zip(BRANCHES, rates, strict=True)
        ]
        found = _chosen(month.is_midi_job, sliding, found)
    if month.is_mini_job.any():
        small = [_mini_job(branch, month.pay, batch, small_rule) for branch in BRANCHES]
        found = _chosen(month.is_mini_job, small, found)
    return found


def care_rate_of_worker(batch: Batch, sheet: Sheet) -> Cents:
    """The worker's rate of care insurance in millionths, with surcharge or discounts for children."""
    care = _care_rates(batch, sheet)
    return care.base + care.childless - care.discounts


def _chosen(applies: Flags, then: Sequence[Shares], otherwise: Sequence[Shares]) -> list[Shares]:
    return [
        Shares(where(applies, one.worker, other.worker), where(applies, one.employer, other.employer))
        for one, other in zip(then, otherwise, strict=True)
    ]


def _ordinary(branch: str, month: Month, rates: Shares, sheet: Sheet) -> Shares:
    ceiling = mul_rate(sheet.rule(f"social.{branch}").amount("ceiling"), month.ceiling_share)
    counted = np.minimum(month.pay, ceiling)
    return Shares(mul_rate(counted, rates.worker), mul_rate(counted, rates.employer))


@dataclass(frozen=True, slots=True)
class MidiJobPay:
    """What counts of pay in the midi-job range (SGB IV, par. 20 (2a)): of the whole, and for the worker.

    `span` is the range in euros; `whole` in 1 / (10^4 span) and `workers` in 1 / span of a cent, exactly.
    """

    span: int
    whole: Cents
    workers: Cents

    @classmethod
    def of(cls, pay: Cents, limits: Rule) -> Self:
        """The formula: the worker's share begins at nothing; the employer bears the rest of the whole."""
        low, high = limits.amount("mini_job"), limits.amount("midi_job")
        factor = int(limits.decimal("factor") * 10_000)
        # Limits in euros, so that the products stay inside 64 bits.
        low_euros, high_euros = low // 100, high // 100
        span = high_euros - low_euros
        over = within(0, pay - low, high - low)
        whole = factor * low * span + (high_euros * 10_000 - low_euros * factor) * over
        return cls(span, whole, high_euros * over)

    def of_whole(self, rate: Cents) -> Cents:
        """A rate of the whole, to the cent."""
        return div(self.whole * _fine(rate), 10_000 * self.span * FINE_UNIT)

    def of_workers(self, rate: Cents) -> Cents:
        """A rate of the worker's share, to the cent."""
        return div(self.workers * _fine(rate), self.span * FINE_UNIT)


def _midi_job(branch: str, pay: MidiJobPay, rates: Shares, batch: Batch, sheet: Sheet) -> Shares:
    if branch != "care":
        worker = pay.of_workers(rates.worker)
        return Shares(worker, pay.of_whole(rates.worker + rates.employer) - worker)
    # The surcharge of the childless is of the whole and the discounts for children of the worker's share.
    care = _care_rates(batch, sheet)
    worker = pay.of_workers(care.base)
    both = pay.of_whole(care.base + rates.employer)
    return Shares(worker + pay.of_whole(care.childless) - pay.of_workers(care.discounts), both - worker)


def _mini_job(branch: str, pay: Cents, batch: Batch, rule: Rule) -> Shares:
    nothing = np.zeros_like(pay)
    employer = mul_rate(pay, rule.rate(f"{branch}_employer")) if rule.has(f"{branch}_employer") else nothing
    if branch != "pension":
        return Shares(nothing, employer)
    owed = mul_rate(pay, rule.rate("pension_worker"))
    return Shares(where(batch.situation.is_exempt_from_pension, 0, owed), employer)


def _rates(branch: str, batch: Batch, sheet: Sheet) -> Shares:
    rule, situation = sheet.rule(f"social.{branch}"), batch.situation
    if branch == "health":
        rate = rule.rate("half") + situation.fund_supplement // 2
        return Shares(rate, rate)
    if branch == "care":
        employer = where(situation.works_in_saxony, rule.rate("employer_saxony"), rule.rate("employer"))
        return Shares(care_rate_of_worker(batch, sheet), employer)
    half = column(rule.rate("half"))
    return Shares(half, half)


@dataclass(frozen=True, slots=True)
class _CareRates:
    """The parts of the worker's rate of care insurance, in millionths."""

    base: Cents
    childless: Cents
    discounts: Cents


def _care_rates(batch: Batch, sheet: Sheet) -> _CareRates:
    rule, situation = sheet.rule("social.care"), batch.situation
    return _CareRates(
        base=where(situation.works_in_saxony, rule.rate("worker_saxony"), rule.rate("worker")),
        childless=where(situation.is_childless, rule.rate("childless"), 0),
        discounts=where(situation.is_childless, 0, situation.care_discounts * rule.rate("discount")),
    )


def _fine(rate: Cents) -> Cents:
    return rate // 10
