"""The money promise: a wage is funded once, an advance comes back first, nothing is forgotten."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from commons.money import Money
from guarantee.domain import errors
from guarantee.domain.books import (
    AccountName,
    Journal,
    LineKind,
    account_code,
    accounts_of,
    contribution_journal,
    journal_of,
)
from guarantee.domain.wage_promise import (
    TABLE,
    Act,
    Advance,
    CarryLoss,
    ClientDefaulted,
    Command,
    DueDateReached,
    Event,
    FundWage,
    Hold,
    InvoiceCredited,
    InvoicePaid,
    OpenRecovery,
    OrderCancelled,
    OrderCovered,
    OrderNotCovered,
    PayslipComputed,
    PostHold,
    Recover,
    RecoverLoss,
    RecoveryDeadlineReached,
    Source,
    State,
    Trigger,
    VoidHold,
    WagePaid,
    WagePromise,
    WageReturned,
    WriteOffApproved,
    exposure_of,
    open_promise,
    share_payment,
    step,
    trigger_of,
)

ENTITY, ORDER, PAYSLIP = UUID(int=1), UUID(int=2), UUID(int=3)


def test_a_client_who_pays_late_leaves_the_member_paid_on_time_and_the_fund_whole() -> None:
    promise, commands = play(OrderCovered(), payslip(), DueDateReached(), WagePaid(), pays("935.00"))
    assert promise.state is State.RECOVERED
    assert commands == [
        Hold(eur("935.00")),
        PostHold(eur("935.00")),
        FundWage(Source.ADVANCE, eur("935.00")),
        Recover(eur("935.00"), "p"),
    ]
    assert promise.open_advance == eur("0.00")


def test_a_client_who_pays_in_time_needs_nothing_of_the_fund() -> None:
    promise, commands = play(OrderCovered(), payslip(), pays("935.00"), DueDateReached(), WagePaid())
    assert promise.state is State.SETTLED
    assert commands == [
        Hold(eur("935.00")),
        VoidHold(eur("935.00")),
        FundWage(Source.COLLECTION, eur("935.00")),
    ]


def test_a_client_who_never_pays_costs_the_fund_and_not_the_member() -> None:
    promise, commands = play(
        OrderCovered(), payslip(), DueDateReached(), WagePaid(), RecoveryDeadlineReached(), WriteOffApproved()
    )
    assert promise.state is State.LOSS_CARRIED
    assert commands[-2:] == [OpenRecovery(eur("935.00")), CarryLoss(eur("935.00"))]
    assert (promise.lost, promise.open_advance) == (eur("935.00"), eur("0.00"))


def test_partial_payments_recover_in_parts() -> None:
    promise, commands = play(
        OrderCovered(), payslip(), DueDateReached(), WagePaid(), pays("400.00", "p1"), pays("535.00", "p2")
    )
    assert commands[-2:] == [Recover(eur("400.00"), "p1"), Recover(eur("535.00"), "p2")]
    assert promise.state is State.RECOVERED


def test_a_part_paid_before_the_due_date_comes_back_to_the_fund_at_once() -> None:
    promise, commands = play(OrderCovered(), payslip(), pays("400.00"), DueDateReached())
    assert commands[1:] == [
        PostHold(eur("935.00")),
        FundWage(Source.ADVANCE, eur("935.00")),
        Recover(eur("400.00"), "collected"),
    ]
    assert promise.open_advance == eur("535.00")


def test_a_deposit_paid_before_the_payslip_counts_for_the_wage() -> None:
    promise, commands = play(OrderCovered(), pays("1000.00"), payslip())
    assert promise.state is State.WAGE_DUE_COLLECTED
    assert commands == []


def test_what_a_deposit_leaves_over_is_handed_on_to_the_next_wage_of_the_order() -> None:
    waiting, _ = play(OrderCovered(), pays("1000.00"))
    after = step(waiting, payslip())
    assert after.surplus == eur("65.00")
    assert after.promise.collected == eur("935.00")
    following = open_promise(
        id=UUID(int=9), order_id=ORDER, nothing=eur("0.00"), covered=True, collected=after.surplus
    )
    assert step(following, payslip()).promise.collected == eur("65.00")


def test_an_order_without_cover_pays_its_wages_from_collected_money_and_never_from_the_fund() -> None:
    promise, commands = play(OrderNotCovered(), payslip(), DueDateReached(), WagePaid())
    assert promise.state is State.SETTLED
    assert commands == [FundWage(Source.COLLECTION, eur("935.00"))]


def test_a_wage_sent_back_by_the_bank_is_paid_again_without_being_funded_again() -> None:
    promise, commands = play(
        OrderCovered(), payslip(), DueDateReached(), WageReturned(), WagePaid(), WageReturned(), WagePaid()
    )
    assert promise.state is State.PAID
    assert sum(isinstance(command, FundWage) for command in commands) == 1


@pytest.mark.parametrize("fell_away", [InvoiceCredited(), OrderCancelled()])
def test_a_wage_is_owed_although_the_invoice_fell_away_and_is_then_claimed(fell_away: Event) -> None:
    promise, commands = play(OrderCovered(), payslip(), fell_away, DueDateReached())
    assert promise.state is State.RECOVERY_OPENED
    assert commands == [
        Hold(eur("935.00")),
        VoidHold(eur("935.00")),
        Advance(eur("935.00")),
        FundWage(Source.ADVANCE, eur("935.00")),
        OpenRecovery(eur("935.00")),
    ]


@pytest.mark.parametrize("fell_away", [InvoiceCredited(), OrderCancelled(), ClientDefaulted()])
def test_an_advance_is_claimed_when_the_invoice_falls_away_or_the_client_fails(fell_away: Event) -> None:
    promise, commands = play(OrderCovered(), payslip(), DueDateReached(), WagePaid(), fell_away)
    assert promise.state is State.RECOVERY_OPENED
    assert commands[-1] == OpenRecovery(eur("935.00"))


def test_a_client_who_fails_before_the_due_date_does_not_stop_the_wage() -> None:
    promise, commands = play(OrderCovered(), ClientDefaulted(), payslip(), DueDateReached())
    assert FundWage(Source.ADVANCE, eur("935.00")) in commands
    assert promise.state is State.RECOVERY_OPENED


def test_an_order_cancelled_before_any_work_releases_everything() -> None:
    promise, commands = play(OrderCovered(), OrderCancelled())
    assert (promise.state, commands) == (State.RELEASED, [])
    assert promise.exposure == eur("0.00")


def test_work_done_before_a_cancellation_is_still_paid() -> None:
    promise, commands = play(OrderCovered(), OrderCancelled(), payslip(), DueDateReached())
    assert commands[:2] == [Advance(eur("935.00")), FundWage(Source.ADVANCE, eur("935.00"))]
    assert promise.state is State.RECOVERY_OPENED


def test_money_that_comes_after_a_loss_lowers_the_loss() -> None:
    promise, commands = play(
        OrderCovered(), payslip(), DueDateReached(), ClientDefaulted(), WriteOffApproved(), pays("100.00")
    )
    assert commands[-1] == RecoverLoss(eur("100.00"), "p")
    assert (promise.lost, promise.recovered) == (eur("835.00"), eur("100.00"))


def test_a_payment_recovers_advances_first_then_covers_wages_to_come_and_leaves_a_rest() -> None:
    advanced, _ = play(OrderCovered(), payslip("300.00"), DueDateReached(), id=UUID(int=11))
    due, _ = play(OrderCovered(), payslip("500.00", date(2026, 7, 1)), id=UUID(int=12))
    shares, rest = share_payment(eur("1000.00"), [due, advanced])
    assert [(one.id.int, part) for one, part in shares] == [(11, eur("300.00")), (12, eur("500.00"))]
    assert rest == eur("200.00")


def test_a_payment_too_small_for_everything_goes_to_the_advance_that_was_due_first() -> None:
    later, _ = play(OrderCovered(), payslip("300.00", date(2026, 9, 8)), DueDateReached(), id=UUID(int=11))
    first, _ = play(OrderCovered(), payslip("300.00"), DueDateReached(), id=UUID(int=12))
    shares, rest = share_payment(eur("350.00"), [later, first])
    assert [(one.id.int, part) for one, part in shares] == [(12, eur("300.00")), (11, eur("50.00"))]
    assert rest == eur("0.00")


def test_the_rest_of_a_payment_stays_with_the_wage_that_is_still_to_come() -> None:
    waiting, _ = play(OrderCovered())
    shares, rest = share_payment(eur("50.00"), [waiting])
    assert (shares, rest) == ([(waiting, eur("50.00"))], eur("0.00"))


def test_more_money_than_a_wage_needs_is_refused_and_so_is_no_money() -> None:
    promise, _ = play(OrderCovered(), payslip(), DueDateReached())
    with pytest.raises(errors.PaymentExceedsNeed):
        step(promise, pays("935.01"))
    with pytest.raises(errors.PaymentNotPositive):
        step(promise, pays("0.00"))
    with pytest.raises(errors.PaymentNotPositive):
        share_payment(eur("0.00"), [promise])


def test_every_pair_of_state_and_trigger_is_handled_or_parks() -> None:
    handled: set[tuple[State, Trigger]] = set()
    for state in State:
        promise = a_promise_in(state)
        payments: list[Event] = [InvoicePaid(Money(n, "EUR"), "p") for n in {1, promise.need.minor} if n > 0]
        for event in [*EVENTS.values(), *payments]:
            try:
                trigger = trigger_of(promise, event)
            except errors.PaymentExceedsNeed:
                continue
            if trigger in TABLE[state]:
                assert step(promise, event).promise.state is TABLE[state][trigger][0]
                handled.add((state, trigger))
            else:
                with pytest.raises(errors.EventNotYetExpected):
                    step(promise, event)
    assert handled == {(state, trigger) for state in State for trigger in TABLE[state]}


def test_the_pairs_that_park_are_the_ones_listed_here() -> None:
    parked = {
        state: sorted(trigger.value for trigger in Trigger if trigger not in TABLE[state]) for state in State
    }
    early = ["due_date_reached", "invoice_paid"]
    wage = ["wage_paid", "wage_returned"]
    verdict = ["order_covered", "order_not_covered"]
    slip = ["payslip_computed", "payslip_computed_collected"]
    late = ["recovery_deadline_reached", "write_off_approved"]
    money = ["invoice_paid", "invoice_partly_paid"]
    waiting = sorted([*early, *verdict, *late, *wage])
    due = sorted([*verdict, *slip, *late, *wage])
    funded = sorted([*verdict, *slip, "due_date_reached"])
    assert parked == {
        State.NEW: sorted(
            [*early, "invoice_partly_paid", *slip, *late, *wage, "client_defaulted", "invoice_credited"]
        ),
        State.WAITING_PAYSLIP: waiting,
        State.WAITING_PAYSLIP_UNCOVERED: waiting,
        State.WAITING_PAYSLIP_DEFAULTED: waiting,
        State.RELEASED: waiting,
        State.WAGE_DUE: due,
        State.WAGE_DUE_DEFAULTED: due,
        State.WAGE_DUE_UNBACKED: due,
        State.WAGE_DUE_COLLECTED: sorted([*due, *money]),
        State.FUNDED_BY_COLLECTION: sorted([*funded, *late, *money]),
        State.SETTLED: sorted([*funded, *late, *money, "wage_paid"]),
        State.ADVANCED: sorted([*funded, "write_off_approved"]),
        State.PAID: sorted([*funded, "write_off_approved", "wage_paid"]),
        State.RECOVERY_OPENED: funded,
        State.RECOVERED: sorted([*funded, *money]),
        State.LOSS_CARRIED: sorted([*funded, "write_off_approved"]),
    }


def test_every_state_can_be_reached() -> None:
    reached, frontier = {State.NEW}, [State.NEW]
    while frontier:
        for target, _ in TABLE[frontier.pop()].values():
            if target not in reached:
                reached.add(target)
                frontier.append(target)
    assert reached == set(State)


def test_only_steps_on_the_due_date_fund_a_wage_and_they_lead_where_no_due_date_is_expected() -> None:
    for cells in TABLE.values():
        for trigger, (target, acts) in cells.items():
            funds = {Act.FUND_BY_ADVANCE, Act.FUND_BY_COLLECTION} & set(acts)
            assert bool(funds) == (trigger is Trigger.DUE_DATE_REACHED)
            if funds:
                assert Trigger.DUE_DATE_REACHED not in TABLE[target]


def test_the_books_of_an_advance_that_came_back_end_where_they_began() -> None:
    _, commands = play(OrderCovered(), payslip(), DueDateReached(), WagePaid(), pays("935.00"))
    balance = book(commands)
    assert balance[AccountName.FUND] == 0
    assert balance[AccountName.ADVANCES_RECEIVABLE] == 0


def test_the_books_of_a_loss_show_it_and_the_fund_is_lower_by_it() -> None:
    _, commands = play(OrderCovered(), payslip(), DueDateReached(), ClientDefaulted(), WriteOffApproved())
    balance = book(commands)
    assert balance[AccountName.FUND] == -93500
    assert balance[AccountName.LOSSES] == 93500
    assert balance[AccountName.ADVANCES_RECEIVABLE] == 0


def test_a_contribution_raises_the_fund() -> None:
    [line] = contribution_journal(ENTITY, UUID(int=5), eur("16.25")).lines
    assert line.debit == account_code(ENTITY, AccountName.CONTRIBUTIONS_INCOME)
    assert line.credit == account_code(ENTITY, AccountName.FUND)


def test_only_the_fund_may_owe_and_only_as_far_as_working_capital_goes() -> None:
    floors = {account.code: account.floor for account in accounts_of(ENTITY, "EUR", eur("-1000.00"))}
    assert floors[account_code(ENTITY, AccountName.FUND)] == eur("-1000.00")
    assert floors[account_code(ENTITY, AccountName.ADVANCES_RECEIVABLE)] == eur("0.00")
    assert floors[account_code(ENTITY, AccountName.CONTRIBUTIONS_INCOME)] is None


def test_a_hold_and_its_end_are_lines_between_the_same_accounts() -> None:
    ends: list[Command] = [Hold(eur("1.00")), PostHold(eur("1.00")), VoidHold(eur("1.00"))]
    lines = [journal.lines[0] for journal in journals(ends)]
    assert [line.kind for line in lines] == [LineKind.HOLD, LineKind.POST, LineKind.VOID]
    assert len({(line.debit, line.credit) for line in lines}) == 1


class MoneyPromise(RuleBasedStateMachine):
    """Any order of events, with payments of any size shared out over two wages of one order."""

    def __init__(self) -> None:
        super().__init__()
        self.promises = [open_promise(id=UUID(int=n), order_id=ORDER, nothing=eur("0.00")) for n in (11, 12)]
        self.commands: list[list[Command]] = [[], []]
        self.received = 0

    def apply(self, index: int, event: Event) -> None:
        try:
            after = step(self.promises[index], event)
        except errors.EventNotYetExpected:
            return
        self.promises[index] = after.promise
        self.commands[index] += after.commands

    @rule(index=st.integers(0, 1), covered=st.booleans())
    def verdict(self, index: int, covered: bool) -> None:
        self.apply(index, OrderCovered() if covered else OrderNotCovered())

    @rule(index=st.integers(0, 1), minor=st.integers(1, 100_000))
    def payslip(self, index: int, minor: int) -> None:
        self.apply(index, PayslipComputed(PAYSLIP, Money(minor, "EUR"), date(2026, 8, 8)))

    @rule(
        index=st.integers(0, 1),
        event=st.sampled_from(
            [
                DueDateReached(),
                DueDateReached(),
                WagePaid(),
                WageReturned(),
                ClientDefaulted(),
                RecoveryDeadlineReached(),
                WriteOffApproved(),
                InvoiceCredited(),
                OrderCancelled(),
            ]
        ),
    )
    def something_happens(self, index: int, event: Event) -> None:
        self.apply(index, event)

    @precondition(lambda self: all(one.state is not State.NEW for one in self.promises))
    @rule(minor=st.integers(1, 150_000))
    def client_pays(self, minor: int) -> None:
        shares, rest = share_payment(Money(minor, "EUR"), self.promises)
        assert sum(part.minor for _, part in shares) + rest.minor == minor
        for promise, part in shares:
            self.apply(self.promises.index(promise), InvoicePaid(part, f"{self.received}"))
        self.received += 1

    @invariant()
    def nothing_is_recovered_twice(self) -> None:
        for promise in self.promises:
            assert promise.recovered.minor >= 0
            assert promise.lost.minor >= 0
            assert promise.recovered.minor + promise.lost.minor <= promise.advanced.minor
            if promise.labor_cost is not None:
                assert promise.advanced <= promise.labor_cost

    @invariant()
    def a_wage_is_funded_at_most_once(self) -> None:
        for promise, commands in zip(self.promises, self.commands, strict=True):
            funded = [command.amount for command in commands if isinstance(command, FundWage)]
            assert len(funded) <= 1
            assert sum(amount.minor for amount in funded) == promise.funded.minor

    @invariant()
    def the_books_agree_with_the_promises(self) -> None:
        for promise, commands in zip(self.promises, self.commands, strict=True):
            balance = book(commands)
            assert balance[AccountName.ADVANCES_RECEIVABLE] == promise.open_advance.minor
            assert balance[AccountName.LOSSES] == promise.lost.minor
            assert balance[AccountName.FUND] == promise.recovered.minor - promise.advanced.minor
            held = sum(
                command.amount.minor * (1 if isinstance(command, Hold) else -1)
                for command in commands
                if isinstance(command, Hold | PostHold | VoidHold)
            )
            assert held == promise.held.minor
        assert exposure_of(self.promises, "EUR").minor >= 0

    @invariant()
    def nothing_is_written_twice_under_one_name(self) -> None:
        for commands in self.commands:
            names = [(journal.code, journal.ref) for journal in journals(commands)]
            assert len(set(names)) == len(names)


TestMoneyPromise = MoneyPromise.TestCase
TestMoneyPromise.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

EVENTS: dict[Trigger, Event] = {
    Trigger.ORDER_COVERED: OrderCovered(),
    Trigger.ORDER_NOT_COVERED: OrderNotCovered(),
    Trigger.PAYSLIP_COMPUTED: PayslipComputed(PAYSLIP, Money(93500, "EUR"), date(2026, 8, 8)),
    Trigger.PAYSLIP_COMPUTED_COLLECTED: PayslipComputed(PAYSLIP, Money(0, "EUR"), date(2026, 8, 8)),
    Trigger.INVOICE_PARTLY_PAID: InvoicePaid(Money(1, "EUR"), "p"),
    Trigger.INVOICE_PAID: InvoicePaid(Money(93500, "EUR"), "p"),
    Trigger.DUE_DATE_REACHED: DueDateReached(),
    Trigger.WAGE_PAID: WagePaid(),
    Trigger.WAGE_RETURNED: WageReturned(),
    Trigger.CLIENT_DEFAULTED: ClientDefaulted(),
    Trigger.RECOVERY_DEADLINE_REACHED: RecoveryDeadlineReached(),
    Trigger.WRITE_OFF_APPROVED: WriteOffApproved(),
    Trigger.INVOICE_CREDITED: InvoiceCredited(),
    Trigger.ORDER_CANCELLED: OrderCancelled(),
}


def a_promise_in(state: State) -> WagePromise:
    """The shortest way to a state through the table itself."""
    paths: dict[State, WagePromise] = {State.NEW: a_new_promise()}
    frontier = [State.NEW]
    while state not in paths:
        here = frontier.pop(0)
        for trigger in TABLE[here]:
            event = EVENTS[trigger]
            if trigger is Trigger.INVOICE_PAID:
                event = InvoicePaid(paths[here].need, "p")
            after = step(paths[here], event).promise
            if after.state not in paths:
                paths[after.state] = after
                frontier.append(after.state)
    return paths[state]


def a_new_promise(id: UUID = UUID(int=10)) -> WagePromise:
    return open_promise(id=id, order_id=ORDER, nothing=eur("0.00"))


def play(*events: Event, id: UUID = UUID(int=10)) -> tuple[WagePromise, list[Command]]:
    promise = a_new_promise(id)
    commands: list[Command] = []
    for event in events:
        after = step(promise, event)
        promise = after.promise
        commands += after.commands
    return promise, commands


def payslip(labor_cost: str = "935.00", due_date: date = date(2026, 8, 8)) -> PayslipComputed:
    return PayslipComputed(PAYSLIP, eur(labor_cost), due_date)


def pays(amount: str, payment_ref: str = "p") -> InvoicePaid:
    return InvoicePaid(eur(amount), payment_ref)


def journals(commands: list[Command]) -> list[Journal]:
    found = [journal_of(command, entity_id=ENTITY, payslip_id=PAYSLIP) for command in commands]
    return [journal for journal in found if journal is not None]


def book(commands: list[Command]) -> dict[AccountName, int]:
    """Balances after the journals of these commands: debit gives, credit receives, holds move nothing."""
    balance = dict.fromkeys(AccountName, 0)
    names = {account_code(ENTITY, name): name for name in AccountName}
    for journal in journals(commands):
        for line in journal.lines:
            if line.kind in (LineKind.PLAIN, LineKind.POST):
                balance[names[line.debit]] -= line.amount.minor
                balance[names[line.credit]] += line.amount.minor
    return balance


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")
