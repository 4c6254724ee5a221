"""The share register: what the entries make of a holding, a right to use, a vote and a roll."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.country import load_country
from commons.money import Money
from members.domain import errors
from members.domain.register import (
    EntryKind,
    RegisterEntry,
    capabilities_on,
    convert_shares,
    enter_payment,
    entitled_until,
    holding,
    pay_redemption,
    repay_by,
    request_redemption,
    reverse_payment,
    transfer_shares,
)
from members.domain.roll import roll
from members.domain.rules import MembershipRules, membership_rules
from members.domain.subscription import ShareSubscription

ENTITY, ADA, BOB = UUID(int=1), UUID(int=0xADA), UUID(int=0xB0B)


def test_three_shares_bought_in_2021_entitle_until_the_end_of_2023() -> None:
    assert entitled_until([shares(3, date(2021, 5, 1))]) == date(2023, 12, 31)


def test_seventeen_shares_bought_in_2017_entitle_until_the_end_of_2033_and_give_one_vote() -> None:
    entries = [shares(17, date(2017, 3, 1))]
    assert entitled_until(entries) == date(2033, 12, 31)
    [line] = roll(entries, date(2017, 6, 20), rules(), entity_id=ENTITY).lines
    assert line.votes == 1


def test_after_the_last_paid_year_new_money_is_blocked_but_the_budget_may_be_spent() -> None:
    entries = [shares(3, date(2021, 5, 1))]
    last_day = capabilities_on(entries, date(2023, 12, 31), rules())
    day_after = capabilities_on(entries, date(2024, 1, 1), rules())
    assert (last_day.may_bring_new_money, last_day.may_spend) == (True, True)
    assert (day_after.may_bring_new_money, day_after.may_spend) == (False, True)
    assert day_after.may_vote


def test_further_shares_add_to_the_years_still_running() -> None:
    assert entitled_until([shares(3, date(2021, 5, 1)), shares(1, date(2022, 2, 1), number=2)]) == date(
        2024, 12, 31
    )


def test_a_year_without_use_needs_no_share() -> None:
    assert entitled_until([shares(1, date(2018, 5, 1)), shares(1, date(2022, 2, 1), number=2)]) == date(
        2022, 12, 31
    )


def test_who_paid_nothing_may_do_nothing() -> None:
    nobody = capabilities_on([], date(2026, 6, 5), rules())
    assert not (nobody.may_bring_new_money)
    assert not (nobody.may_spend)
    assert not (nobody.may_vote)
    assert nobody.entitled_until is None


def test_shares_count_from_the_day_they_were_paid() -> None:
    entries = [shares(1, date(2026, 6, 8))]
    assert not capabilities_on(entries, date(2026, 6, 7), rules()).may_bring_new_money
    assert capabilities_on(entries, date(2026, 6, 8), rules()).may_bring_new_money


def test_a_payment_cannot_be_entered_before_it_arrives() -> None:
    with pytest.raises(errors.EntryInTheFuture):
        enter_payment(
            a_subscription(1, ADA, date(2026, 6, 5)),
            number=1,
            paid_on=date(2026, 6, 9),
            today=date(2026, 6, 8),
        )


def test_asking_shares_back_takes_them_out_of_the_vote_and_out_of_the_years_to_come() -> None:
    entries = [shares(5, date(2021, 5, 1))]
    asked = request_redemption(entries, number=2, quantity=2, today=date(2022, 3, 1))
    assert entitled_until([*entries, asked]) == date(2023, 12, 31)
    leaves = request_redemption([*entries, asked], number=3, quantity=3, today=date(2022, 4, 1))
    after = capabilities_on([*entries, asked, leaves], date(2022, 4, 1), rules())
    assert (after.may_bring_new_money, after.may_spend, after.may_vote) == (False, True, False)


def test_a_share_that_was_used_up_years_ago_takes_no_year_with_it() -> None:
    entries = [shares(2, date(2021, 5, 1)), shares(2, date(2026, 1, 5), number=2)]
    asked = request_redemption(entries, number=3, quantity=1, today=date(2027, 12, 1))
    assert entitled_until(entries) == date(2027, 12, 31)
    assert entitled_until([*entries, asked]) == date(2026, 12, 31)


def test_shares_are_repaid_at_the_nominal_value_paid_for_them_oldest_first() -> None:
    entries = [shares(1, date(2017, 5, 1)), shares(1, date(2026, 2, 1), number=2, value="40.00")]
    first = request_redemption(entries, number=3, quantity=1, today=date(2026, 3, 1))
    second = request_redemption([*entries, first], number=4, quantity=1, today=date(2026, 3, 1))
    assert (first.amount, second.amount) == (eur("30.00"), eur("40.00"))


def test_instalments_never_repay_more_than_was_asked_back() -> None:
    entries = [shares(2, date(2021, 5, 1))]
    entries.append(request_redemption(entries, number=2, quantity=2, today=date(2022, 3, 1)))
    entries.append(pay_redemption(entries, number=3, of=2, amount=eur("45.00"), today=date(2023, 3, 1)))
    with pytest.raises(errors.InstalmentExceedsRedemption) as refusal:
        pay_redemption(entries, number=4, of=2, amount=eur("15.01"), today=date(2024, 3, 1))
    assert refusal.value.facts["open"] == eur("15.00")
    entries.append(pay_redemption(entries, number=4, of=2, amount=eur("15.00"), today=date(2024, 3, 1)))
    assert holding(entries, date(2024, 3, 1), "EUR").repaid == eur("60.00")


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_an_instalment_is_above_nothing(amount: str) -> None:
    entries = [shares(2, date(2021, 5, 1))]
    entries.append(request_redemption(entries, number=2, quantity=2, today=date(2022, 3, 1)))
    with pytest.raises(errors.InstalmentNotPositive):
        pay_redemption(entries, number=3, of=2, amount=eur(amount), today=date(2023, 3, 1))


def test_an_instalment_names_the_request_it_repays() -> None:
    with pytest.raises(errors.RedemptionUnknown):
        pay_redemption(
            [shares(2, date(2021, 5, 1))], number=3, of=1, amount=eur("1.00"), today=date(2023, 3, 1)
        )


def test_the_board_has_three_years_to_repay() -> None:
    asked = request_redemption([shares(1, date(2021, 5, 1))], number=2, quantity=1, today=date(2024, 2, 29))
    assert repay_by(asked, rules()) == date(2027, 2, 28)


def test_nobody_gives_more_shares_than_are_held() -> None:
    with pytest.raises(errors.NotEnoughShares):
        request_redemption([shares(1, date(2021, 5, 1))], number=2, quantity=2, today=date(2022, 1, 1))
    with pytest.raises(errors.NotEnoughShares):
        request_redemption([], number=2, quantity=1, today=date(2022, 1, 1))
    with pytest.raises(errors.NotEnoughShares):
        transfer([shares(1, date(2021, 5, 1))], 0)


def test_a_transfer_moves_shares_and_years_from_one_member_to_another() -> None:
    giver = [shares(3, date(2026, 5, 1))]
    out, into = transfer(giver, 2)
    assert (out.kind, into.kind) == (EntryKind.TRANSFERRED_OUT, EntryKind.TRANSFERRED_IN)
    assert (out.counterpart_id, into.counterpart_id) == (BOB, ADA)
    assert entitled_until([*giver, out]) == date(2026, 12, 31)
    assert entitled_until([into]) == date(2027, 12, 31)
    assert holding([into], date(2026, 6, 1), "EUR").value == eur("60.00")


def test_shares_are_not_transferred_to_oneself() -> None:
    with pytest.raises(errors.TransferToOneself):
        transfer([shares(1, date(2026, 5, 1))], 1, receiver=ADA)


def test_a_conversion_changes_the_category_and_nothing_else() -> None:
    entries = [shares(2, date(2026, 5, 1))]
    entries.append(convert_shares(entries, number=2, category="B", today=date(2026, 6, 1)))
    held = holding(entries, date(2026, 6, 1), "EUR")
    assert (held.category, held.shares, held.value) == ("B", 2, eur("60.00"))
    assert holding(entries, date(2026, 5, 31), "EUR").category == "A"
    with pytest.raises(errors.CategoryUnchanged):
        convert_shares(entries, number=3, category="B", today=date(2026, 6, 2))


def test_a_recalled_payment_leaves_the_past_as_it_was_and_the_future_without_the_shares() -> None:
    entries = [shares(1, date(2026, 5, 1))]
    entries.append(
        reverse_payment(entries, number=2, of=1, reason="recalled by the bank", today=date(2026, 6, 1))
    )
    assert capabilities_on(entries, date(2026, 5, 31), rules()).may_bring_new_money
    assert not capabilities_on(entries, date(2026, 6, 1), rules()).may_bring_new_money


def test_a_payment_is_reversed_once_and_not_after_its_shares_have_left() -> None:
    entries = [shares(2, date(2026, 5, 1))]
    reversal = reverse_payment(entries, number=2, of=1, reason="recalled", today=date(2026, 6, 1))
    with pytest.raises(errors.EntryNotReversible):
        reverse_payment([*entries, reversal], number=3, of=1, reason="recalled", today=date(2026, 6, 1))
    asked = request_redemption(entries, number=2, quantity=1, today=date(2026, 6, 1))
    with pytest.raises(errors.EntryNotReversible):
        reverse_payment([*entries, asked], number=3, of=1, reason="recalled", today=date(2026, 6, 1))


def test_the_roll_is_sorted_and_its_hash_does_not_depend_on_the_order_of_reading() -> None:
    entries = [shares(1, date(2026, 5, 1), number=n, member_id=UUID(int=n)) for n in (3, 1, 2)]
    first = roll(entries, date(2026, 8, 3), rules(), entity_id=ENTITY)
    again = roll(reversed(entries), date(2026, 8, 3), rules(), entity_id=ENTITY)
    assert [line.member_id.int for line in first.lines] == [1, 2, 3]
    assert first == again
    assert first.hash == again.hash


def test_an_entry_written_later_does_not_reach_a_roll_that_was_made() -> None:
    entries = [shares(1, date(2026, 5, 1))]
    made = roll(entries, date(2026, 8, 3), rules(), entity_id=ENTITY)
    later = [*entries, shares(1, date(2026, 7, 1), number=2, member_id=BOB)]
    assert roll(later, date(2026, 8, 3), rules(), entity_id=ENTITY, through=made.through) == made
    assert roll(later, date(2026, 8, 3), rules(), entity_id=ENTITY).size == 2


def test_the_rules_may_ask_for_days_on_the_register_or_for_a_paid_year_before_a_vote() -> None:
    entries = [shares(1, date(2026, 5, 1))]
    ninety_days = replace(rules(), voting_days_on_register=90)
    assert not capabilities_on(entries, date(2026, 7, 29), ninety_days).may_vote
    assert capabilities_on(entries, date(2026, 7, 30), ninety_days).may_vote
    paid_year = replace(rules(), voting_needs_paid_year=True)
    assert not capabilities_on(entries, date(2027, 1, 1), paid_year).may_vote


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(0, 200)), max_size=25))
def test_no_history_repays_more_than_was_paid_or_changes_the_value_of_a_share(
    steps: list[tuple[int, int, int]],
) -> None:
    register, day, number = play(steps)
    for member in (ADA, BOB):
        held = holding([entry for entry in register if entry.member_id == member], day, "EUR")
        assert Money.zero("EUR") <= held.repaid <= held.redeemable <= held.paid
        assert {lot.share_value for lot in held.lots} <= {eur("30.00")}
        assert held.value + held.redeemable == held.paid
    assert [entry.number for entry in register] == list(range(1, number))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(0, 200)), max_size=25))
def test_no_history_makes_or_loses_a_share(steps: list[tuple[int, int, int]]) -> None:
    register, day, _ = play(steps)
    reversed_numbers = {entry.of for entry in register if entry.kind is EntryKind.REVERSED}
    bought = sum(
        entry.quantity
        for entry in register
        if entry.kind is EntryKind.PAID and entry.number not in reversed_numbers
    )
    asked_back = sum(entry.quantity for entry in register if entry.kind is EntryKind.REDEMPTION_REQUESTED)
    held = sum(
        holding([entry for entry in register if entry.member_id == member], day, "EUR").shares
        for member in (ADA, BOB)
    )
    assert held == bought - asked_back


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(0, 200)), max_size=25))
def test_what_the_register_said_of_a_day_stays_said(steps: list[tuple[int, int, int]]) -> None:
    register, day, number = play(steps)
    for cut in range(number):
        known = [entry for entry in register if entry.number <= cut]
        assert (
            roll(known, day, rules(), entity_id=ENTITY).hash
            == roll(register, day, rules(), entity_id=ENTITY, through=cut).hash
        )


def play(steps: Sequence[tuple[int, int, int]]) -> tuple[list[RegisterEntry], date, int]:
    """A history of two members: steps the register refuses leave it as it was."""
    register: list[RegisterEntry] = []
    day, number = date(2020, 1, 1), 1
    for what, quantity, days in steps:
        day += timedelta(days=days)
        own = [entry for entry in register if entry.member_id == ADA]
        try:
            match what:
                case 0 | 1:
                    new = [shares(quantity, day, number=number, member_id=(ADA, BOB)[what])]
                case 2:
                    new = transfer(own, quantity, number=number, today=day)
                case 3:
                    new = [request_redemption(own, number=number, quantity=quantity, today=day)]
                case 4:
                    requests = [entry.number for entry in own if entry.kind is EntryKind.REDEMPTION_REQUESTED]
                    of = requests[-1] if requests else 0
                    new = [
                        pay_redemption(
                            own, number=number, of=of, amount=eur(f"{quantity * 10}.00"), today=day
                        )
                    ]
                case _:
                    payments = [entry.number for entry in own if entry.kind is EntryKind.PAID]
                    of = payments[-1] if payments else 0
                    new = [reverse_payment(own, number=number, of=of, reason="recalled", today=day)]
        except errors.RegisterRefusal:
            continue
        register += new
        number += len(new)
    return register, day, number


def rules() -> MembershipRules:
    return membership_rules(load_country("be").section("membership"), date(2026, 6, 5))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def a_subscription(quantity: int, member_id: UUID, on: date, value: str = "30.00") -> ShareSubscription:
    return ShareSubscription(
        id=UUID(int=3),
        member_id=member_id,
        entity_id=ENTITY,
        category="A",
        quantity=quantity,
        share_value=eur(value),
        reference="000000000197",
        subscribed_on=on,
        pay_by=on,
    )


def shares(
    quantity: int, on: date, *, number: int = 1, member_id: UUID = ADA, value: str = "30.00"
) -> RegisterEntry:
    return enter_payment(a_subscription(quantity, member_id, on, value), number=number, paid_on=on, today=on)


def transfer(
    giver: Sequence[RegisterEntry],
    quantity: int,
    *,
    receiver: UUID = BOB,
    number: int = 2,
    today: date = date(2026, 6, 1),
) -> list[RegisterEntry]:
    return transfer_shares(
        giver,
        receiver_id=receiver,
        receiver_category="A",
        quantity=quantity,
        numbers=itertools.count(number),
        today=today,
    )
