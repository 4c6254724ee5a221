"""The history checker: what was promised against what all the books say, after everything has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from uuid import UUID

import httpx
from lxml import etree

from commons.database import Connection
from commons.ledger import check_invariants
from tests.chaos.plan import Ending
from tests.chaos.topics import out_of_order
from tests.chaos.wave import Told, Wave
from tests.e2e.addresses import Addresses
from tests.e2e.answers import get

CONTRIBUTION_RATE: Final = Decimal("0.065")
SHARE_OF_THE_FUND: Final = Decimal("0.25")
VAT_RATE: Final = Decimal("0.21")
SENTENCES_MAX: Final = 20
_CAMT: Final = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}
LEDGERS: Final = ("invoicing", "guarantee")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be."""

    check: str
    sentence: str

    def __str__(self) -> str:
        return f"[{self.check}] {self.sentence}"


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a check may look at."""

    waves: Sequence[Wave]
    databases: Mapping[str, Connection]
    addresses: Addresses
    bootstrap: str
    http: httpx.AsyncClient
    topics_are_whole: bool = True
    """A broker that was made anew begins in the middle of what was under way: it says nothing of what came first."""

    @property
    def told(self) -> list[Told]:
        """What every story was told."""
        return [story for wave in self.waves for story in wave.told]

    @property
    def founded(self) -> list[Wave]:
        """The waves that came as far as having an entity."""
        return [wave for wave in self.waves if wave.opened]


Check = Callable[[Scene], AsyncIterator[str]]


async def findings(scene: Scene) -> list[Finding]:
    """What every check has found, at most SENTENCES_MAX of each."""
    found = []
    for name, check in CHECKS.items():
        sentences = [sentence async for sentence in check(scene)]
        found += [Finding(name, sentence) for sentence in sentences[:SENTENCES_MAX]]
        if len(sentences) > SENTENCES_MAX:
            found.append(Finding(name, f"and {len(sentences) - SENTENCES_MAX} more"))
    return found


async def each_wage_is_paid(scene: Scene) -> AsyncIterator[str]:
    """Lost: whoever worked has one payslip and one payment that the bank executed."""
    rows = await scene.databases["payroll"].fetch(
        "select contract.id, contract.ended_on, payslip.id as payslip, payment_order.paid_on, returned_on "
        "from contract left join payslip on payslip.contract_id = contract.id "
        "left join payment_order on payment_order.payslip_id = payslip.id and replaced_on is null "
        "where contract.refused_on is null"
    )
    known = {row["id"]: row for row in rows}
    for story in scene.told:
        if not story.has_wage or story.contract_id is None:
            continue
        row = known.get(story.contract_id)
        if row is None:
            yield f"{story.plan.title}: the contract that was answered is not there"
        elif row["payslip"] is None:
            yield f"{story.plan.title}: the work is done and there is no payslip"
        elif row["paid_on"] is None:
            yield f"{story.plan.title}: the wage is not paid ({'returned' if row['returned_on'] else 'no payment'})"
    for contract_id in known.keys() - {story.contract_id for story in scene.told}:
        yield f"contract {contract_id} belongs to no story"


async def no_wage_is_paid_twice(scene: Scene) -> AsyncIterator[str]:
    """The bank is asked, not payroll: each payslip left the account once, and nothing else did."""
    for wave in scene.founded:
        transfers = Counter[tuple[str, int]]()
        for entry in await bookings(scene, wave):
            if entry.is_debit:
                transfers[entry.end_to_end_id, entry.minor] += 1
        rows = await scene.databases["payroll"].fetch(
            "select payslip.id, end_to_end_id, net_payable_minor from payslip "
            "join payment_order on payslip_id = payslip.id where payslip.entity_id = $1 and paid_on is not null",
            wave.entity_id,
        )
        paid = {(row["end_to_end_id"], row["net_payable_minor"]) for row in rows}
        if len({row["id"] for row in rows}) != len(rows):
            yield f"{wave.plan.name}: payroll says that a payslip is paid twice"
        for transfer, times in transfers.items():
            if times > 1:
                yield f"{wave.plan.name}: the bank paid {transfer[0]} {times} times"
            if transfer not in paid:
                yield f"{wave.plan.name}: the bank paid {transfer}, and payroll knows no such wage"
        for payslip, minor in paid - transfers.keys():
            yield f"{wave.plan.name}: payroll says {payslip} is paid ({minor}), and the bank did not"


async def wages_are_in_time(scene: Scene) -> AsyncIterator[str]:
    """Late: by the entity's calendar a wage is paid on its due day, or on the first day opened after it."""
    opened = {wave.entity_id: sorted(wave.opened) for wave in scene.founded}
    rows = await scene.databases["payroll"].fetch(
        "select payslip.id, payslip.entity_id, due_date, paid_on, computed_on from payslip "
        "join payment_order on payslip_id = payslip.id where paid_on is not null"
    )
    for row in rows:
        on = next((day for day in opened.get(row["entity_id"], []) if day >= row["due_date"]), None)
        if on is None or row["paid_on"] > on:
            yield f"payslip {row['id']} was due on {row['due_date']}, could be paid on {on}, was on {row['paid_on']}"
        elif row["paid_on"] < row["due_date"]:
            yield f"payslip {row['id']} was paid on {row['paid_on']}, before {row['due_date']}"


async def advances_end_as_their_stories(scene: Scene) -> AsyncIterator[str]:
    """An advance is granted once where the client had not paid, and recovered once where the client did."""
    rows = await scene.databases["guarantee"].fetch(
        "select wage.order_id, wage.state, wage.source, wage.labor_cost_minor, wage.advanced_minor, "
        "wage.recovered_minor, count(distinct advance.id) as advances, "
        "coalesce(sum(recovery.amount_minor), 0)::bigint as recovered, count(recovery.*) as recoveries "
        "from wage_process wage left join advance on advance.payslip_id = wage.payslip_id "
        "left join recovery on recovery.advance_id = advance.id where wage.payslip_id is not null "
        "group by wage.id"
    )
    wages = {row["order_id"]: row for row in rows}
    if len(wages) != len(rows):
        yield "an order has more than one wage"
    for story in scene.told:
        if not story.has_wage or story.order_id is None or story.contract_id is None:
            continue
        row, title = wages.get(story.order_id), f"{story.plan.title} ({story.plan.ending.name})"
        if row is None:
            yield f"{title}: the fund has never heard of the wage"
            continue
        advances, source, state = _EXPECTED[story.plan.ending]
        cost = row["labor_cost_minor"]
        back = cost if state == "recovered" else 0
        seen = (row["advances"], row["source"], row["state"], row["recovered"])
        if seen != (advances, source, state, back):
            yield f"{title}: advances, source, state, recovered are {seen}, not {(advances, source, state, back)}"
        if row["recovered"] > row["advanced_minor"] or row["recovered"] != row["recovered_minor"]:
            yield f"{title}: {row['recovered']} came back of {row['advanced_minor']}"
        if row["advanced_minor"] != cost * advances:
            yield f"{title}: {row['advanced_minor']} was advanced for a wage of {cost}"


_EXPECTED: Final = {
    Ending.PAID_BEFORE: (0, "collection", "settled"),
    Ending.PAID_LATE: (1, "advance", "recovered"),
    Ending.PAID_IN_PARTS: (1, "advance", "recovered"),
    Ending.PAID_TWICE: (1, "advance", "recovered"),
    Ending.NEVER_PAID: (1, "advance", "recovery_opened"),
    Ending.WAGE_RETURNED: (1, "advance", "recovered"),
}


async def no_number_is_missing_or_twice(scene: Scene) -> AsyncIterator[str]:
    """Invoices of an entity, series and year count 1, 2, 3 …; so do its quotes."""
    db = scene.databases["invoicing"]
    for row in await db.fetch(
        "select entity_id, series, year, array_agg(counter order by counter) as counters from invoice "
        "group by entity_id, series, year"
    ):
        if row["counters"] != list(range(1, len(row["counters"]) + 1)):
            yield f"invoices {row['series']}/{row['year']} of {row['entity_id']} are numbered {row['counters']}"
    for row in await db.fetch(
        "select entity_id, array_agg(right(number, 6)::int order by number) as numbers from sales_order "
        "group by entity_id"
    ):
        first = row["numbers"][0]
        if row["numbers"] != list(range(first, first + len(row["numbers"]))) or first != 1:
            yield f"quotes of {row['entity_id']} are numbered {row['numbers']}"


async def copies_agree(scene: Scene) -> AsyncIterator[str]:
    """What a service keeps of another's facts is what the other says: days, members, orders, invoices."""
    for name, copies in _COPIES.items():
        seen = {service: await _contents(scene.databases[service], sql) for service, sql in copies}
        owner = copies[0][0]
        for service, rows in seen.items():
            for row in sorted(seen[owner] - rows)[:3]:
                yield f"{name}: {owner} has {row}, and {service} has not"
            for row in sorted(rows - seen[owner])[:3]:
                yield f"{name}: {service} has {row}, and {owner} has not"


_DAYS: Final = "select entity_id::text || ' ' || day from business_day"
_COPIES: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "business days": [
        ("invoicing", _DAYS),
        ("members", _DAYS),
        ("payroll", _DAYS),
        ("guarantee", _DAYS),
        ("governance", _DAYS),
    ],
    "members": [
        ("invoicing", "select member_id::text || admitted_on || entitled_until from member_standing"),
        ("guarantee", "select member_id::text || admitted_on || entitled_until from member_standing"),
    ],
    "orders": [
        ("invoicing", "select id::text || confirmed_on from sales_order where confirmed_on is not null"),
        ("guarantee", "select id::text || confirmed_on from confirmed_order"),
        ("payroll", "select id::text || confirmed_on from confirmed_order"),
    ],
    "cover": [
        ("guarantee", "select order_id::text || covered from cover_verdict"),
        ("invoicing", "select id::text || is_covered from sales_order where is_covered is not null"),
    ],
    "invoices": [
        ("invoicing", "select id::text || number || total_with_vat_minor from invoice"),
        ("guarantee", "select id::text || number || total_minor from invoice"),
    ],
    "held budgets": [
        ("payroll", "select id::text || labor_cost_minor from contract where budget_held_on is not null"),
        ("invoicing", "select contract_id::text || amount_minor from budget_hold"),
    ],
}


async def _contents(db: Connection, sql: str) -> set[str]:
    return {row[0] for row in await db.fetch(sql)}


async def what_was_answered_is_so(scene: Scene) -> AsyncIterator[str]:
    """Each thing that a client was told is there, once, whatever was asked again on the way."""
    orders = await scene.databases["invoicing"].fetch(
        "select sales_order.id, title, sales_order.number, confirmed_on, cancelled_on, invoice.id as invoice, "
        "invoice.number as invoice_number, "
        "(select count(*) from invoice every where every.order_id = sales_order.id) as invoices "
        "from sales_order left join invoice on invoice.order_id = sales_order.id"
    )
    titles = Counter(row["title"] for row in orders)
    known = {row["id"]: row for row in orders}
    for title, times in titles.items():
        if times > 1:
            yield f"{title} was drafted once and is there {times} times"
    for story in scene.told:
        if story.order_id is None:
            continue
        row = known.get(story.order_id)
        if row is None or row["number"] != story.order_number:
            yield f"{story.plan.title}: its quote {story.order_number} is not there"
        elif story.invoice_id is not None and (
            (row["invoice"], row["invoice_number"], row["invoices"])
            != (story.invoice_id, story.invoice_number, 1)
        ):
            yield f"{story.plan.title}: was told invoice {story.invoice_number}, the books have {row['invoice_number']}"
    contracts = await scene.databases["payroll"].fetch(
        "select order_id, count(*) as times from contract group by 1"
    )
    for row in contracts:
        if row["times"] != 1:
            yield f"order {row['order_id']} has {row['times']} contracts, each was asked for once"
    members = await scene.databases["members"].fetchval("select count(*) from member")
    wanted = sum(
        wave.plan.members for wave in scene.waves if wave.chapter not in ("not begun", "found", "admit")
    )
    if members < wanted or (members > wanted and all(wave.chapter == "over" for wave in scene.waves)):
        yield f"{wanted} people applied, {members} are there"


async def ledgers_are_balanced(scene: Scene) -> AsyncIterator[str]:
    """Double entry holds; nothing stays held; no activity is below nothing."""
    for service in LEDGERS:
        for broken in await check_invariants(scene.databases[service]):
            yield f"{service}: {broken}"
        for row in await scene.databases[service].fetch(
            "select code, held from ledger.balance join ledger.account on id = account where held <> 0"
        ):
            yield f"{service}: {row['held']} is still held on {row['code']}"
        for row in await scene.databases[service].fetch(
            "select hold.id, count(ended.*) as times from ledger.transfer hold "
            "join ledger.transfer ended on ended.of = hold.id group by hold.id having count(ended.*) > 1"
        ):
            yield f"{service}: the hold {row['id']} ended {row['times']} times"


async def sums_are_equal_everywhere(scene: Scene) -> AsyncIterator[str]:
    """What one service says of money, every other says too: wages, invoices, contributions, the bank."""
    sums = {(service, name): value async for service, name, value in _sums(scene)}
    for name, places in _EQUAL.items():
        values = {place: sums[place] for place in places}
        if len(set(values.values())) != 1:
            yield f"{name}: {', '.join(f'{s} {n} {value}' for (s, n), value in values.items())}"
    for wave in scene.founded:
        credits = sum(entry.minor for entry in await bookings(scene, wave) if not entry.is_debit)
        lines = await scene.databases["invoicing"].fetchval(
            "select coalesce(sum(amount_minor), 0)::bigint from bank_line where entity_id = $1 and amount_minor > 0",
            wave.entity_id,
        )
        if credits != lines:
            yield f"{wave.plan.name}: the bank received {credits}, the statements that were imported say {lines}"


async def _sums(scene: Scene) -> AsyncIterator[tuple[str, str, int]]:
    for service, statements in _SUMS.items():
        for name, sql in statements.items():
            yield (
                service,
                name,
                await scene.databases[service].fetchval(f"select coalesce(({sql}), 0)::bigint"),
            )


_POSTED: Final = (
    "select sum(posted) from ledger.balance join ledger.account on account.id = balance.account where "
)
_SUMS: Final[Mapping[str, Mapping[str, str]]] = {
    "invoicing": {
        "invoiced": "select sum(total_with_vat_minor) from invoice",
        "contributions": "select sum(contribution_minor) from invoice",
        "contribution account": _POSTED + "kind = 'contribution'",
        "vat": "select sum(total_vat_minor) from invoice",
        "vat account": _POSTED + "kind = 'vat'",
        "labor account": _POSTED + "kind = 'labor'",
        "paid in full": "select sum(total_with_vat_minor) from invoice where total_with_vat_minor = "
        "(select sum(to_invoice_minor) from bank_line where invoice_id = invoice.id)",
        "bank account": "-(" + _POSTED + "kind = 'bank')",
        "received": "select sum(to_invoice_minor + to_suspense_minor) from bank_line",
    },
    "payroll": {
        "labor cost": "select sum(provisioned_minor) from payslip",
        "net wages": "select sum(net_payable_minor) from payslip",
        "ordered": "select sum(amount_minor) from payment_order where replaced_on is null",
        "paid": "select sum(amount_minor) from payment_order where paid_on is not null",
        "payslips": "select count(*) from payslip",
    },
    "guarantee": {
        "invoiced": "select sum(total_minor) from invoice",
        "contributions": "select sum(levied_minor) from contribution",
        "fund's part": "select sum(fund_part_minor) from contribution where booked_on is not null",
        "income account": "-(" + _POSTED + "code like '%:contributions_income')",
        "labor cost": "select sum(labor_cost_minor) from wage_process",
        "funded": "select sum(funded_minor) from wage_process",
        "paid in full": "select sum(paid_minor) from invoice where paid_minor = total_minor",
        "open advances": "select sum(advanced_minor - recovered_minor - lost_minor) from wage_process",
        "receivable account": _POSTED + "code like '%:advances_receivable'",
        "paid wages": "select count(*) from wage_process where is_wage_paid",
    },
}
_EQUAL: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "invoices": [("invoicing", "invoiced"), ("guarantee", "invoiced")],
    "contributions": [
        ("invoicing", "contributions"),
        ("invoicing", "contribution account"),
        ("guarantee", "contributions"),
    ],
    "value added tax": [("invoicing", "vat"), ("invoicing", "vat account")],
    "the fund's income": [("guarantee", "fund's part"), ("guarantee", "income account")],
    "labor cost": [
        ("payroll", "labor cost"),
        ("guarantee", "labor cost"),
        ("guarantee", "funded"),
        ("invoicing", "labor account"),
    ],
    "wages": [("payroll", "net wages"), ("payroll", "ordered"), ("payroll", "paid")],
    "payslips": [("payroll", "payslips"), ("guarantee", "paid wages")],
    "payments": [("invoicing", "paid in full"), ("guarantee", "paid in full")],
    "receipts": [("invoicing", "bank account"), ("invoicing", "received")],
    "advances": [("guarantee", "open advances"), ("guarantee", "receivable account")],
}


async def every_cent_is_rounded(scene: Scene) -> AsyncIterator[str]:
    """Contribution, value added tax and the fund's part are computed anew, half a cent upward."""
    for row in await scene.databases["invoicing"].fetch(
        "select number, total_without_vat_minor as price, total_vat_minor as vat, contribution_minor from invoice"
    ):
        if row["contribution_minor"] != _rounded(row["price"] * CONTRIBUTION_RATE):
            yield f"invoice {row['number']}: a contribution of {row['contribution_minor']} on {row['price']}"
        if row["vat"] != _rounded(row["price"] * VAT_RATE):
            yield f"invoice {row['number']}: a tax of {row['vat']} on {row['price']}"
    for row in await scene.databases["guarantee"].fetch(
        "select invoice_id, levied_minor, fund_part_minor from contribution"
    ):
        if row["fund_part_minor"] != _rounded(row["levied_minor"] * SHARE_OF_THE_FUND):
            yield f"invoice {row['invoice_id']}: the fund got {row['fund_part_minor']} of {row['levied_minor']}"


async def every_event_arrived(scene: Scene) -> AsyncIterator[str]:
    """Every outbox row is published, and in the inbox of every service that reads its topic, in its order."""
    sent: dict[str, dict[tuple[str, UUID, int], UUID]] = {}
    for service, db in scene.databases.items():
        for row in await db.fetch(
            "select topic, agg_type, agg_id, agg_version, id, type, published is null as waits from outbox"
        ):
            place = (row["agg_type"], row["agg_id"], row["agg_version"])
            sent.setdefault(row["topic"], {})[place] = row["id"]
            if row["waits"]:
                yield f"{service} has not published {row['type']} {row['id']}"
    for service, db in scene.databases.items():
        taken: dict[str, dict[tuple[str, UUID, int], UUID]] = {}
        for row in await db.fetch("select topic, agg_type, agg_id, agg_version, event_id from inbox"):
            taken.setdefault(row["topic"], {})[row["agg_type"], row["agg_id"], row["agg_version"]] = row[
                "event_id"
            ]
        for topic, events in taken.items():
            published = sent.get(topic, {})
            for place in published.keys() - events.keys():
                yield f"{service} never received {topic} {place[0]} {place[1]} version {place[2]}"
            for place, event_id in events.items():
                if published.get(place) != event_id:
                    yield f"{service} took {topic} {place[0]} {place[1]} version {place[2]}, which was not announced"


async def events_keep_their_order(scene: Scene) -> AsyncIterator[str]:
    """Per aggregate: versions without a gap, first on the topic in order, handled in order."""
    for service, db in scene.databases.items():
        for row in await db.fetch(
            "select agg_type, agg_id, array_agg(agg_version order by agg_version) as versions from outbox "
            "group by agg_type, agg_id having max(agg_version) <> count(*)"
        ):
            yield f"{service} announced {row['agg_type']} {row['agg_id']} as {row['versions']}"
        for row in await db.fetch(
            "select * from (select topic, agg_type, agg_id, agg_version, handled < lag(handled) over "
            "(partition by consumer, topic, agg_type, agg_id order by agg_version) as is_early from inbox) as one "
            "where is_early"
        ):
            yield (
                f"{service} handled {row['topic']} {row['agg_type']} {row['agg_id']} version "
                f"{row['agg_version']} before the version before it"
            )
    if scene.topics_are_whole:
        for sentence in await out_of_order(scene.bootstrap, scene.addresses.country):
            yield sentence


async def nothing_waits(scene: Scene) -> AsyncIterator[str]:
    """Nothing is parked, no outside work is open or given up, no deadline has passed unmet."""
    for service, db in scene.databases.items():
        for row in await db.fetch("select topic, agg_type, agg_id, agg_version, kind, reason from parked"):
            yield f"{service} parked {row['topic']} {row['agg_type']} {row['agg_id']}: {row['kind']}, {row['reason']}"
        for row in await db.fetch("select kind, key, state, error from effect where state <> 'done'"):
            if not (row["kind"] == "dimona.cancel" and row["state"] == "failed"):
                yield f"{service}: {row['kind']} {row['key']} is {row['state']}: {row['error']}"
        for row in await db.fetch(
            "select kind, key, due_date, attempts, deadline.error from deadline join business_day using (entity_id) "
            "where done_at is null and simulated and due_date <= day"
        ):
            yield f"{service}: {row['key']} of {row['due_date']} is not met, {row['attempts']} failures: {row['error']}"


async def documents_can_be_read(scene: Scene) -> AsyncIterator[str]:
    """One story in fifty reads its payslip and its invoice as PDF; every invoice has both its documents."""
    for story in scene.told:
        if any(document != b"%PDF-" for document in story.documents):
            yield f"{story.plan.title}: its documents begin with {story.documents}"
    for row in await scene.databases["invoicing"].fetch(
        "select number, (select count(*) from invoice_document where invoice_id = invoice.id) as documents "
        "from invoice"
    ):
        if row["documents"] != 2:
            yield f"invoice {row['number']} has {row['documents']} documents"


async def refusals_hold_nothing(scene: Scene) -> AsyncIterator[str]:
    """A contract that was refused has a reason, no declaration that stands, no payslip, no held budget."""
    rows = await scene.databases["payroll"].fetch(
        "select contract.id, refused_on, payslip.id as payslip from contract "
        "left join payslip on contract_id = contract.id"
    )
    known = {row["id"]: row for row in rows}
    for story in scene.told:
        if story.contract_id is None or story.has_wage or story.contract_id not in known:
            continue
        row = known[story.contract_id]
        if row["refused_on"] is None or row["payslip"] is not None:
            yield f"{story.plan.title} ({story.plan.ending.name}): refused on {row['refused_on']}, payslip {row['payslip']}"


CHECKS: Final[Mapping[str, Check]] = {
    "each wage is paid": each_wage_is_paid,
    "no wage is paid twice": no_wage_is_paid_twice,
    "wages are in time": wages_are_in_time,
    "advances end as their stories": advances_end_as_their_stories,
    "no number is missing or twice": no_number_is_missing_or_twice,
    "what was answered is so": what_was_answered_is_so,
    "copies agree": copies_agree,
    "ledgers are balanced": ledgers_are_balanced,
    "sums are equal everywhere": sums_are_equal_everywhere,
    "every cent is rounded": every_cent_is_rounded,
    "every event arrived": every_event_arrived,
    "events keep their order": events_keep_their_order,
    "nothing waits": nothing_waits,
    "documents can be read": documents_can_be_read,
    "refusals hold nothing": refusals_hold_nothing,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an account statement."""

    is_debit: bool
    minor: int
    end_to_end_id: str


async def bookings(scene: Scene, wave: Wave) -> list[Entry]:
    """What the bank has booked on the account of a wave's entity."""
    first, last = min(wave.opened), max(wave.opened)
    days = {"from": first.isoformat(), "to": last.isoformat()}
    url = f"{scene.addresses.bank}/accounts/{wave.house.iban}/statements"
    answer = await get(scene.http, url, days)
    return [_entry(node) for node in etree.fromstring(answer.content).iterfind(".//c:Ntry", _CAMT)]


def _entry(node: Any) -> Entry:
    return Entry(
        node.findtext("c:CdtDbtInd", namespaces=_CAMT) == "DBIT",
        int(Decimal(node.findtext("c:Amt", namespaces=_CAMT)) * 100),
        node.findtext(".//c:EndToEndId", namespaces=_CAMT) or "",
    )


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
