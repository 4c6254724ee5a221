"""What is sealed can be opened with its key, by its name, unchanged, and not otherwise."""

from __future__ import annotations

import pytest

from payroll.domain.belgium.situation import Spouse
from payroll.domain.person import FamilySituation, Person, masked
from payroll.sealed import SealBroken, Sealer

KEY = bytes(32)


def test_a_text_comes_back_with_its_key_and_its_owner() -> None:
    assert Sealer(KEY).open(Sealer(KEY).seal(b"text", of="ana"), of="ana") == b"text"


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert Sealer(KEY).seal(b"text", of="ana") != Sealer(KEY).seal(b"text", of="ana")


@pytest.mark.parametrize("position", [0, 1, 12, 13, -1])
def test_a_text_that_was_changed_is_refused(position: int) -> None:
    sealed = bytearray(Sealer(KEY).seal(b"text", of="ana"))
    sealed[position] ^= 1
    with pytest.raises(SealBroken):
        Sealer(KEY).open(bytes(sealed), of="ana")


def test_a_text_of_somebody_else_or_with_another_key_is_refused() -> None:
    sealed = Sealer(KEY).seal(b"text", of="ana")
    with pytest.raises(SealBroken):
        Sealer(KEY).open(sealed, of="bea")
    with pytest.raises(SealBroken):
        Sealer(b"\x01" * 32).open(sealed, of="ana")
    with pytest.raises(SealBroken):
        Sealer(KEY).open(b"", of="ana")


def test_neither_a_person_nor_a_key_shows_itself_when_printed() -> None:
    person = Person(
        "85073003328", "BE71096123456769", "Amina Peeters", FamilySituation(Spouse.NONE, 0, False)
    )
    assert "85073003328" not in repr(person)
    assert str(KEY) not in repr(Sealer(KEY))


def test_a_masked_number_shows_its_ends_alone() -> None:
    assert masked("BE71096123456769", visible_start=4) == "BE71••••••••6769"
    assert masked("85073003328", visible_end=2) == "•••••••••28"
