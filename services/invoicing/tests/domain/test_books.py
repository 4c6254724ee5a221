from uuid import UUID

from commons.money import Money
from invoicing.domain.books import (
    Account,
    AccountKind,
    budget_credit,
    budget_of,
    entity_account,
    entity_accounts,
    labor_hold,
)

ENTITY, ACTIVITY = UUID(int=1), UUID(int=2)
EUR_935 = Money.of("935.00", "EUR")


def test_the_key_of_an_account_follows_from_its_name_for_ever() -> None:
    assert budget_of(ACTIVITY).code == "budget/00000000-0000-0000-0000-000000000002"
    assert budget_of(ACTIVITY).id == UUID("3fbfbd11-63e6-59b7-b199-f298bffdcdec")
    keys = {Account(kind, ENTITY).id for kind in AccountKind} | {
        Account(kind, ACTIVITY).id for kind in AccountKind
    }
    assert len(keys) == 2 * len(AccountKind)


def test_only_a_budget_has_a_floor() -> None:
    assert budget_of(ACTIVITY).floor_minor == 0
    assert all(account.floor_minor is None for account in entity_accounts(ENTITY))


def test_buyers_give_what_a_budget_receives_and_a_budget_gives_what_labor_receives() -> None:
    [leg] = budget_credit(entity_id=ENTITY, activity_id=ACTIVITY, budget=EUR_935)
    assert (leg.debit, leg.credit, leg.amount) == (
        entity_account(AccountKind.BUYER, ENTITY).id,
        budget_of(ACTIVITY).id,
        EUR_935,
    )
    hold = labor_hold(entity_id=ENTITY, activity_id=ACTIVITY, labor_cost=EUR_935)
    assert (hold.debit, hold.credit) == (budget_of(ACTIVITY).id, entity_account(AccountKind.LABOR, ENTITY).id)


def test_an_order_that_leaves_nothing_moves_nothing() -> None:
    assert budget_credit(entity_id=ENTITY, activity_id=ACTIVITY, budget=Money.zero("EUR")) == []
