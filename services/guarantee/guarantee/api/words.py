"""What a reason of a verdict says to people: one sentence where the rule passed, one where it did not."""

from __future__ import annotations

from typing import Final

SENTENCES: Final = {
    "formal_confirmation_by_buyer": (
        "The client confirmed the order formally.",
        "The client did not confirm the order formally.",
    ),
    "buyer_seat_in_eu": (
        "The client has its seat in the European Union.",
        "The client has its seat outside the European Union.",
    ),
    "buyer_credit_status": (
        "Nothing speaks against the credit of the client.",
        "The credit of the client is not good enough.",
    ),
    "member_in_good_standing": (
        "The member's share was paid for the year of the order.",
        "The member's share was not paid for the year of the order.",
    ),
    "amount_cap": (
        "The price lies within what the fund stands for on one order.",
        "The price is higher than what the fund stands for on one order.",
    ),
    "buyer_exposure_cap": (
        "All that the fund stands for with this client lies within its limit.",
        "The fund would stand for more with this client than its limit allows.",
    ),
    "member_exposure_cap": (
        "All that the fund stands for with this member lies within its limit.",
        "The fund would stand for more with this member than its limit allows.",
    ),
    "reserve_ratio": (
        "The reserve of the fund is large enough for all it stands for.",
        "The reserve of the fund is smaller than it should be for all it stands for.",
    ),
}


def sentence(rule: str, passed: bool) -> str:
    """What the rule found, for people."""
    good, bad = SENTENCES[rule]
    return good if passed else bad
