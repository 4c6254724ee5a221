"""What is told to the bank and the authority has the same id whenever it is made."""

from __future__ import annotations

from datetime import date

from commons.uuid7 import uuid7
from payroll.domain.keys import (
    correction_key,
    correction_payslip_key,
    declaration_key,
    payslip_key,
    periodic_return_key,
)


def test_the_payslip_of_a_contract_has_one_id_however_often_it_is_computed() -> None:
    contract = uuid7()
    assert payslip_key(contract, date(2027, 3, 1)) == payslip_key(contract, date(2027, 3, 1))


def test_other_contracts_periods_and_kinds_have_other_ids() -> None:
    contracts = [uuid7() for _ in range(200)]
    days = [date(2027, month, 1) for month in range(1, 13)]
    keys = [payslip_key(contract, day) for contract in contracts for day in days]
    keys += [declaration_key(contract, kind) for contract in contracts for kind in ("in", "out", "cancel")]

    keys += [
        periodic_return_key(entity, kind, day, sequence)
        for entity in contracts[:20]
        for kind in ("return", "return_social")
        for day in days
        for sequence in (1, 2)
    ]

    assert len(set(keys)) == len(keys)


def test_a_correction_and_the_payslip_of_corrections_have_ids_of_their_own() -> None:
    payslips = [uuid7() for _ in range(50)]
    corrections = [correction_key(payslip, number) for payslip in payslips for number in (1, 2, 3)]
    alone = [correction_payslip_key(corrections[place : place + 3]) for place in range(0, 150, 3)]

    assert len({*payslips, *corrections, *alone}) == 250
    assert alone[0] == correction_payslip_key(corrections[:3])


def test_an_id_is_a_uuid_of_version_7_that_sorts_near_its_contract() -> None:
    contract = uuid7()
    key = payslip_key(contract, date(2027, 3, 1))

    assert key.version == 7
    assert key.variant == contract.variant
    assert key.int >> 80 == contract.int >> 80
