"""A bank in memory that pays whatever it is sent, twice where it is sent twice, and may answer badly or late."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from commons.effects import Effect, NotSent, Rejected, Result, StillWaiting
from tests.simulation.world import World

LATE_SECONDS: Final = 20.0  # on the way that long although the sender is dead; below the send's timeout
MISFORTUNE_CHANCE: Final = 0.5


@dataclass(eq=False)
class Bank:
    """What it paid, by the key of the payment, in order: the last word on who was paid how often."""

    world: World
    is_kind: bool = False
    paid: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    on_the_way: list[tuple[datetime, str]] = field(default_factory=list)

    async def send(self, effect: Effect) -> Result:
        """Pay. What happens on the way there and back is the seed's choice."""
        await self.world.step(f"sends payment {effect.key}")
        fates = ["not sent", "lost", "answer lost", "late", "waits", "refused"]
        unlucky = not self.is_kind and self.world.chance.random() < MISFORTUNE_CHANCE
        fate = self.world.chance.choice(fates) if unlucky else "paid"
        self.world.note(f"  payment {effect.key}: {fate}")
        match fate:
            case "not sent":
                raise NotSent("the bank cannot be reached")
            case "lost":
                raise ConnectionError("nothing arrived, which only the bank knows")
            case "refused":
                self.refused.add(effect.key)
                raise Rejected("the account is closed")
            case "late":
                arrives = self.world.clock.now() + timedelta(seconds=LATE_SECONDS)
                self.on_the_way.append((arrives, effect.key))
                await asyncio.sleep(3_600)
        self.paid.append(effect.key)
        if fate == "answer lost":
            raise ConnectionError("it arrived, which only the bank knows")
        if fate == "waits":
            raise StillWaiting("the bank has it")
        await self.world.step(f"hears that payment {effect.key} is done")
        return _receipt(effect.key)

    async def ask(self, effect: Effect) -> Mapping[str, Any] | None:
        """What became of a payment; None where the bank has never heard of it."""
        await self.world.step(f"asks what became of payment {effect.key}")
        self.receive()
        if effect.key in self.refused:
            raise Rejected("the account is closed")
        return _receipt(effect.key) if effect.key in self.paid else None

    def receive(self) -> None:
        """What was on the way and has arrived by now is paid."""
        now = self.world.clock.now()
        self.paid += [key for arrives, key in self.on_the_way if arrives <= now]
        self.on_the_way = [each for each in self.on_the_way if each[0] > now]


def _receipt(key: str) -> Result:
    return {"receipt": f"for {key}"}
