"""Faults put into the product on purpose: small patches of a copy, never of the product itself."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.paths import ROOT
from tests.chaos import traps
from tests.chaos.run import Field

Trap = Callable[[Field], Awaitable[None]]
_NOT_COPIED: Final = shutil.ignore_patterns("tests", "node_modules")


class PatchDoesNotFit(Exception):
    """The text to be replaced is not in the file exactly once: the mutant must follow the product."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One replacement in one file, named from the root of the repository."""

    file: str
    old: str
    new: str

    @property
    def root(self) -> str:
        """The folder that holds the package: what is copied and put first on the path."""
        parts = Path(self.file).parts
        return parts[0] if parts[0] == "shared" else f"{parts[0]}/{parts[1]}"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault, the trap in which it shows, and the checks of which at least one must find it."""

    name: str
    patches: tuple[Patch, ...]
    trap: Trap
    caught_by: frozenset[str]
    note: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


def mutated(mutant: Mutant, folder: Path) -> dict[str, dict[str, str]]:
    """Write the patched copies; the environment in which every service runs them. Raises PatchDoesNotFit."""
    for root in sorted({patch.root for patch in mutant.patches}):
        shutil.copytree(ROOT / root, folder / root, ignore=_NOT_COPIED)
    for patch in mutant.patches:
        path = folder / patch.file
        text = path.read_text(encoding="utf-8")
        if text.count(patch.old) != 1:
            raise PatchDoesNotFit(
                f"{mutant.name}: {patch.file} has {text.count(patch.old)} times: {patch.old}"
            )
        path.write_text(text.replace(patch.old, patch.new), encoding="utf-8")
    roots = ":".join(str(folder / root) for root in sorted({patch.root for patch in mutant.patches}))
    services = ("members", "invoicing", "payroll", "guarantee", "governance")
    return {f"{service} ": {"PYTHONPATH": roots, **mutant.variables} for service in services}


_COMMONS: Final = "shared/commons"
_INVOICING: Final = "services/invoicing/invoicing"
_PAYROLL: Final = "services/payroll/payroll"
_GUARANTEE: Final = "services/guarantee/guarantee"

_VOID_AFTER_POST: Final = Patch(
    f"{_GUARANTEE}/capabilities/move_wage.py",
    "            await _grant_advance(ctx, wage, amount, today)\n",
    "            await _grant_advance(ctx, wage, amount, today)\n"
    "            if wage.hold_id is not None:\n"
    "                await _book(ctx, wage, VoidHold(amount), today)\n",
)

MUTANTS: Final = (
    Mutant(
        "offset before commit",
        (
            Patch(
                f"{_COMMONS}/consumer.py",
                "    control_topic = control_topic_of(consumption.country)\n    for part, messages in polled.items():\n",
                "    await consumption.consumer.commit({part: all[-1].offset + 1 for part, all in polled.items()})\n"
                "    control_topic = control_topic_of(consumption.country)\n    for part, messages in polled.items():\n",
            ),
        ),
        traps.killed_while_it_cannot_store,
        frozenset({"every event arrived"}),
    ),
    Mutant(
        "mark before ack",
        (
            Patch(
                f"{_COMMONS}/relay.py",
                '        with telemetry.batch("publish", [row["headers"] for row in rows]):\n'
                "            await producer.send_batch([_envelope(row).to_message() for row in rows])\n"
                '        await db.execute(SQL["mark_published"], [row["seq"] for row in rows])\n',
                '        await db.execute(SQL["mark_published"], [row["seq"] for row in rows])\n'
                "    await producer.send_batch([_envelope(row).to_message() for row in rows])\n",
            ),
        ),
        traps.killed_while_it_cannot_publish,
        frozenset({"every event arrived"}),
    ),
    Mutant(
        "inbox outside the transaction",
        (
            Patch(
                f"{_COMMONS}/inbox.py",
                '        if row["claimed"]:\n            outcome = await self.handle(db, event)\n',
                '        if row["claimed"]:\n            await db.execute("commit; begin")\n'
                "            outcome = await self.handle(db, event)\n",
            ),
        ),
        traps.killed_as_soon_as_the_inbox_has_it,
        frozenset({"copies agree"}),
    ),
    Mutant(
        "NOTIFY only",
        (
            Patch(
                f"{_COMMONS}/outbox.py",
                "    return event_id\n",
                '    await db.execute("notify outbox")\n    return event_id\n',
            ),
            Patch(
                f"{_COMMONS}/relay.py",
                "    while not wake.stopping:\n        if not await publish_batch(db, producer):\n"
                "            await wake.wait(POLL_SECONDS)\n",
                "    import asyncio\n\n    heard = asyncio.Event()\n"
                '    await db.add_listener("outbox", lambda *_: heard.set())\n'
                "    while not wake.stopping:\n        await heard.wait()\n        heard.clear()\n"
                "        while await publish_batch(db, producer):\n            pass\n",
            ),
        ),
        traps.announced_while_the_relay_is_dead,
        frozenset({"every event arrived"}),
    ),
    Mutant(
        "cursor polling",
        (
            Patch(
                f"{_COMMONS}/sql/outbox.sql",
                "where published is null\norder by seq\nlimit $1\nfor update skip locked;",
                "where seq > $2\norder by seq\nlimit $1;",
            ),
            Patch(
                f"{_COMMONS}/relay.py",
                'rows = await db.fetch(SQL["unpublished"], BATCH_SIZE_MAX)',
                'rows = await db.fetch(SQL["unpublished"], BATCH_SIZE_MAX, _CURSOR[-1])',
            ),
            Patch(
                f"{_COMMONS}/relay.py",
                '        await db.execute(SQL["mark_published"], [row["seq"] for row in rows])\n',
                '        await db.execute(SQL["mark_published"], [row["seq"] for row in rows])\n'
                '        _CURSOR.append(rows[-1]["seq"])\n',
            ),
            Patch(
                f"{_COMMONS}/relay.py",
                "LEADER_POLL_SECONDS: Final = 0.5\n",
                "LEADER_POLL_SECONDS: Final = 0.5\n_CURSOR = [0]\n",
            ),
        ),
        traps.committed_later_than_the_next,
        frozenset({"every event arrived"}),
    ),
    Mutant(
        "two relays without a lock",
        (
            Patch(
                f"{_COMMONS}/relay.py",
                '    leads: bool = await db.fetchval(SQL["try_to_lead_relay"])\n    return leads\n',
                "    return True\n",
            ),
        ),
        traps.many_versions_over_a_jittery_network,
        frozenset({"events keep their order"}),
    ),
    Mutant(
        "park without order",
        (
            Patch(
                f"{_COMMONS}/sql/inbox.sql",
                "  where $5 = last + 1 and (parked_from is null or parked_from > $5)\n",
                "  where true\n",
            ),
        ),
        traps.lost_by_the_broker,
        frozenset({"every event arrived"}),
        note="the broker forgets an acknowledged record, the next version of its aggregate arrives",
    ),
    Mutant(
        "retry of unknown payments",
        (
            Patch(
                f"{_PAYROLL}/effects/payment.py",
                "        await self.bank.pay(await in_transaction(self.pool, partial(self._document, file_id)))\n",
                "        document = await in_transaction(self.pool, partial(self._document, file_id))\n"
                '        message_id = effect.payload["message_id"]\n'
                "        try:\n            await self.bank.pay(document)\n"
                "        except Exception:\n"
                '            again = document.replace(message_id.encode(), b"R" + message_id[1:].encode())\n'
                "            await self.bank.pay(again)\n",
            ),
        ),
        traps.the_bank_pays_and_does_not_say_so,
        frozenset({"no wage is paid twice"}),
    ),
    Mutant(
        "hold resolved twice",
        (
            _VOID_AFTER_POST,
            Patch(
                f"{_COMMONS}/sql/migrations/ledger/0001_expand_ledger.sql",
                "  if p_of is not null and exists (select from transfer t where t.of = p_of) then\n"
                "    raise exception using errcode = 'LG001', message = 'hold_ended';\n  end if;\n",
                "",
            ),
            Patch(
                f"{_COMMONS}/sql/migrations/ledger/0001_expand_ledger.sql",
                "create unique index one_resolution on",
                "create index one_resolution on",
            ),
        ),
        traps.advanced,
        frozenset({"ledgers are balanced"}),
        note="with the ledger's own guard and index taken away",
    ),
    Mutant(
        "hold resolved twice, guarded",
        (_VOID_AFTER_POST,),
        traps.advanced,
        frozenset({"nothing waits", "each wage is paid"}),
        note="the ledger refuses the second end of the hold; the checker sees the wage that waits for ever",
    ),
    Mutant(
        "rounding dropped",
        (
            Patch(
                f"{_INVOICING}/domain/contribution.py",
                "    rate: Decimal\n\n    def of(self, amount: Money) -> Money:\n"
                '        """The contribution on an amount, rounded half away from zero."""\n'
                "        return amount.times(self.rate)\n",
                "    rate: Decimal\n\n    def of(self, amount: Money) -> Money:\n"
                '        """The contribution on an amount, rounded half away from zero."""\n'
                "        return Money(int(amount.minor * self.rate), amount.currency)\n",
            ),
        ),
        traps.invoiced,
        frozenset({"every cent is rounded"}),
    ),
    Mutant(
        "idempotency key ignored",
        (
            Patch(
                f"{_COMMONS}/idempotency.py",
                "    digest = request_hash(request)\n",
                '    digest = request_hash(request)\n    import uuid\n\n    key = f"{key[:100]}/{uuid.uuid4()}"\n',
            ),
        ),
        traps.the_answer_is_lost,
        frozenset({"what was answered is so"}),
    ),
    Mutant(
        "number outside the transaction",
        (
            Patch(
                f"{_INVOICING}/capabilities/issue_invoice.py",
                'counted = await ctx.db.fetchrow(SQL["next_number"]',
                'counted = await ctx.read.fetchrow(SQL["next_number"]',
            ),
        ),
        traps.killed_between_number_and_commit,
        frozenset({"no number is missing or twice"}),
        note="as a sequence does: what is rolled back leaves a gap",
    ),
    Mutant(
        "payments known by their place",
        (
            Patch(
                f"{_INVOICING}/capabilities/import_bank_statement.py",
                '        reference = line.bank_reference or f"{statement.id}#"\n',
                '        reference = f"{uuid7()}"\n',
            ),
        ),
        traps.invoiced,
        frozenset({"sums are equal everywhere"}),
        note="no fault is needed: the statement of the day is imported twice",
    ),
    Mutant(
        "due on its day only",
        (
            Patch(
                f"{_COMMONS}/sql/deadline.sql",
                "  and due_date <= coalesce(business_day.day,",
                "  and due_date = coalesce(business_day.day,",
            ),
        ),
        traps.the_due_day_is_jumped_over,
        frozenset({"nothing waits", "each wage is paid"}),
    ),
)
