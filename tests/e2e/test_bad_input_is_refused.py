"""Bad input meets a refusal with a stable code; nothing is stored, nothing lost, and no program's insides are shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from commons.global_id import encode
from tests.e2e import made_up
from tests.e2e.addresses import Addresses
from tests.e2e.client import Answer, Door, Failed, Refused
from tests.e2e.databases import Databases
from tests.e2e.house import Client, House, Person, euros
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

TODAY, START, END = date(2026, 6, 8), date(2026, 7, 1), date(2026, 7, 31)
RIGHT_TO_LEFT = "\u202e"
NOTHING = UUID("01900000-0000-7000-8000-000000000000")
SQL = "Robert'); drop table member; --"
INSIDES = (
    "Traceback",
    'File "',
    ".py",
    "asyncpg",
    "psycopg",
    "site-packages",
    "select ",
    "insert into",
    "PostgreSQL",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Two members of an entity of its own; Anna has a covered order, Bruno has nothing."""

    house: House
    anna: Person
    bruno: Person
    stranger: Person
    activity_id: str
    client: Client
    order_id: str
    link: str

    async def draft(self, **changes: Any) -> Any:
        """Anna drafts a quote with one line, changed as wished."""
        line = {
            "description": "Drawings",
            "nature": "service",
            "quantity": "1",
            "unit": "DAY",
            "unitPrice": euros("100.00"),
            "firstDay": START,
            "lastDay": END,
        }
        return await self.anna.persona.ask(
            "draft_order",
            activity_id=self.activity_id,
            buyer_id=self.client.id,
            title="Drawings",
            lines=[line | changes],
        )

    async def contract(self, by: Person | None = None, **changes: Any) -> Any:
        """A contract for July is asked for, changed as wished."""
        asked: dict[str, Any] = {
            "order_id": self.order_id,
            "regime": "white_collar",
            "kind": "MONTH",
            "gross_wage": euros("3600.00"),
            "start_date": START,
            "end_date": END,
            "function_title": "Illustrator",
        }
        return await (by or self.anna).persona.ask("request_contract", **(asked | changes))

    async def profile(self, of: Person | None = None, by: Person | None = None, **changes: Any) -> Any:
        """Bruno, or whom it is said, completes a payroll profile, changed as wished."""
        whose = of or self.bruno
        asked: dict[str, Any] = {
            "member_id": whose.id,
            "entity_id": self.house.entity_id,
            "national_number": whose.national_number,
            "iban": whose.iban,
            "holder_name": whose.name,
            "language": "fr",
            "family_situation": {"spouse": "NONE", "children": 0, "isSingleParent": False},
        }
        return await (by or self.bruno).persona.ask("complete_payroll_profile", **(asked | changes))

    async def party(self, **changes: Any) -> Any:
        """Anna registers a client, changed as wished."""
        asked: dict[str, Any] = {
            "entity_id": self.house.entity_id,
            "name": "Studio Zuid BV",
            "vat_number": self.client.vat_number,
            "street": "Quai aux Briques 13",
            "post_code": "1000",
            "city": "Bruxelles",
            "country": "BE",
            "email": "office@example.net",
            "language": "en",
        }
        return await self.anna.persona.ask("register_party", **(asked | changes))

    async def apply(self, **changes: Any) -> Any:
        """A stranger applies for membership, changed as wished."""
        asked: dict[str, Any] = {
            "entity_id": self.house.entity_id,
            "given_name": "Zoë",
            "family_name": "Martin",
            "email": self.stranger.email,
            "birth_date": date(1990, 1, 1),
            "language": "fr",
        }
        return await self.stranger.persona.ask("apply_for_membership", **(asked | changes))

    async def statement(self, text: str) -> Any:
        """The accountant imports a text as a bank statement."""
        return await self.house.staff.accountant.ask(
            "import_bank_statement", entity_id=self.house.entity_id, statement=text
        )

    async def fund(self, endowment: dict[str, str]) -> Any:
        """The credit controller opens the fund of an entity that has none."""
        return await self.house.staff.credit_controller.ask(
            "open_fund", entity_id=self.house.entity_id, endowment=endowment
        )

    async def meeting(self, meeting_date: date) -> Any:
        """The board calls a meeting."""
        texts = [{"language": language, "text": "?"} for language in ("fr", "nl")]
        return await self.house.staff.board.ask(
            "convene_meeting",
            entity_id=self.house.entity_id,
            title="Assembly",
            meeting_date=meeting_date,
            place="",
            agenda=[{"title": "A question", "kind": "ordinary", "texts": texts}],
        )


@pytest.fixture(scope="module")
async def scene(stack: Addresses, door: Door) -> Scene:
    house = await House.founded(*door, stack, name="Atelier des Refus SC", day=date(2026, 6, 5))
    people = [
        await house.stranger("Anna", "Peeters", date(1991, 3, 14)),
        await house.stranger("Bruno", "Lambert", date(1984, 11, 2)),
    ]
    await house.turn_to(TODAY)
    await house.admit(people)
    anna, bruno = people
    activity_id = await house.open_activity(anna, "Illustration")
    client = await house.client(anna, name="Studio Noord BV", contact="Sofie Janssens")
    order = await house.draft(
        anna,
        activity_id,
        client,
        title="Drawings",
        quantity=18,
        unit_price=Decimal("320.00"),
        start=START,
        end=END,
    )
    link = await house.send(anna, order["id"], client)
    buyer = house.gateway.nobody("buyer")
    await buyer.ask("confirm_order", link=link.link, name=client.contact, consent=True)
    await house.is_covered(anna, order["id"])
    scene = Scene(
        house=house,
        anna=anna,
        bruno=bruno,
        stranger=await house.stranger("Zoe", "Martin", date(1990, 1, 1)),
        activity_id=activity_id,
        client=client,
        order_id=order["id"],
        link=link.link,
    )
    await scene.profile(anna, by=anna)
    return scene


@pytest.fixture
async def nothing_changes(scene: Scene, databases: Databases) -> AsyncIterator[None]:
    """Every table of every service has as many rows after the test as before it."""
    before = await databases.when_quiet()
    yield
    assert await databases.when_quiet() == before


async def met(asking: Awaitable[Any]) -> str:
    """The code that an operation meets; fails where it succeeds or shows a program's insides."""
    with pytest.raises((Refused, Failed)) as caught:
        await asking
    refused = caught.value
    assert isinstance(refused, Refused | Failed)
    _shows_no_insides(refused.answer)
    if isinstance(refused, Refused):
        assert refused.message.endswith(".")
        return refused.code
    assert refused.answer.codes
    errors = [error["extensions"] for error in refused.answer.body["errors"]]
    [code] = {error.get("refusal", error)["code"] for error in errors}
    assert code != "INTERNAL"
    return str(code)


def _shows_no_insides(answer: Answer | None) -> None:
    assert answer is not None
    assert not [word for word in INSIDES if word in answer.text], answer.text


# ── Who asks ─────────────────────────────────────────────────────────────────────────────────────────────────


def signed_by_somebody_else() -> str:
    """A token with all claims right and the signature of another key."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    claims = {"aud": "partage", "sub": "x", "exp": 2**31, "countries": ["BE"], "roles": ["operator"]}
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "unknown"})


def not_signed() -> str:
    """A token that says it needs no signature."""
    claims = {"aud": "partage", "sub": "x", "exp": 2**31, "countries": ["BE"], "roles": ["operator"]}
    return jwt.encode(claims, "", algorithm="none")


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    "make_header",
    [
        lambda: None,
        lambda: b"Bearer nothing",
        lambda: b"Bearer a.b.c",
        lambda: "Bearer é".encode(),
        lambda: b"Bearer " + b"A" * 20_000,
        lambda: b"Basic bWU6bWU=",
        lambda: f"Bearer {signed_by_somebody_else()}".encode(),
        lambda: f"Bearer {not_signed()}".encode(),
    ],
    ids=["none", "a word", "three letters", "not ascii", "huge", "a password", "foreign key", "not signed"],
)
async def test_a_token_that_nobody_issued_is_refused(
    make_header: Callable[[], bytes | None], scene: Scene, door: Door, stack: Addresses
) -> None:
    _, http = door
    header = make_header()
    headers = {b"X-Country": b"BE"} | ({b"Authorization": header} if header else {})
    answer = await http.post(f"{stack.gateway}/graphql", json={"query": "{ me { id } }"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert not [word for word in INSIDES if word in answer.text]


@pytest.mark.usefixtures("nothing_changes")
async def test_an_expired_token_is_refused(scene: Scene) -> None:
    late = await scene.house.gateway.persona("operator", expires_in=-60)
    answer = await late.post("query { me { id } }")
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])


@pytest.mark.usefixtures("nothing_changes")
async def test_a_member_does_nothing_with_what_is_another_members(scene: Scene) -> None:
    bruno, anna, entity = scene.bruno.persona, scene.anna, scene.house.entity_id
    met_codes = [
        await met(bruno.ask("order", id=scene.order_id)),
        await met(bruno.ask("activity", id=scene.activity_id)),
        await met(bruno.ask("member", id=anna.id)),
        await met(bruno.ask("subscribe_shares", member_id=anna.id, entity_id=entity, quantity=1)),
        await met(scene.profile(anna)),
    ]
    assert set(met_codes) == {"FORBIDDEN"}
    assert await met(bruno.ask("send_order", order_id=scene.order_id)) == "NotYours"
    assert await met(bruno.ask("issue_invoice", order_id=scene.order_id)) == "NotYours"
    assert await met(scene.contract(scene.bruno)) == "NotYours"
    drafted = bruno.ask(
        "draft_order", activity_id=scene.activity_id, buyer_id=scene.client.id, title="x", lines=[]
    )
    assert await met(drafted) == "NotInActivity"


@pytest.mark.usefixtures("nothing_changes")
async def test_a_role_does_what_is_its_own_and_nothing_else(scene: Scene) -> None:
    staff, entity = scene.house.staff, scene.house.entity_id
    for persona in (scene.anna.persona, scene.stranger.persona, staff.auditor, staff.accountant, staff.board):
        assert (
            await met(persona.ask("open_business_day", entity_id=entity, day=date(2026, 9, 1))) == "FORBIDDEN"
        )
    for persona in (scene.anna.persona, staff.operator, staff.auditor):
        assert await met(persona.ask("import_bank_statement", entity_id=entity, statement="x")) == "FORBIDDEN"
    assert await met(scene.stranger.persona.ask("share_register", entity_id=entity)) == "FORBIDDEN"
    assert await met(scene.stranger.persona.ask("payment_files", entity_id=entity)) == "FORBIDDEN"


# ── Ids ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("id", "code"),
    [
        ("", "MalformedId"),
        ("1", "MalformedId"),
        ("not an id", "MalformedId"),
        (SQL, "MalformedId"),
        (RIGHT_TO_LEFT, "MalformedId"),
        ("A" * 10_000, "MalformedId"),
        (encode("BE", "Order", "00000000-0000-0000-0000-00000000000g"), "MalformedId"),
        (encode("BE", "Invoice", NOTHING), "WrongType"),
        (encode("FR", "Order", NOTHING), "WrongCountry"),
    ],
)
async def test_an_id_that_is_none_of_ours_is_refused(id: str, code: str, scene: Scene) -> None:
    assert await met(scene.anna.persona.ask("order", id=id)) == code
    assert await met(scene.anna.persona.ask("send_order", order_id=id)) == code


@pytest.mark.usefixtures("nothing_changes")
async def test_an_id_of_nothing_looks_like_one_of_somebody_else(scene: Scene) -> None:
    nothing = encode("BE", "Order", NOTHING)
    assert await met(scene.bruno.persona.ask("order", id=nothing)) == "FORBIDDEN"
    assert await met(scene.bruno.persona.ask("order", id=scene.order_id)) == "FORBIDDEN"


async def test_a_member_cannot_confirm_her_own_order(scene: Scene, databases: Databases) -> None:
    house, anna = scene.house, scene.anna
    client = await house.client(anna, name="Studio Oost BV", contact="Jan Claes")
    order = await house.draft(
        anna,
        scene.activity_id,
        client,
        title="Drawings",
        quantity=1,
        unit_price=Decimal("100.00"),
        start=START,
        end=END,
    )
    link = await house.send(anna, order["id"], client)
    before = await databases.when_quiet()
    for somebody in (anna.persona, scene.bruno.persona, house.staff.adviser):
        confirmed = somebody.ask("confirm_order", link=link.link, name=client.contact, consent=True)
        assert await met(confirmed) == "BuyerMustDecide"
    assert await databases.when_quiet() == before
    assert (await anna.persona.ask("order", id=order["id"]))["state"] == "SENT"


# ── Amounts ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("given", "code"),
    [
        (euros("-3600.00"), "GrossNotPositive"),
        (euros("0.00"), "GrossNotPositive"),
        (euros("0.01"), "GrossBelowMinimumWage"),
        (euros("3600.001"), "AmountTooPrecise"),
        (euros("1" + "0" * 30), "BAD_USER_INPUT"),
        (euros("1" + "0" * 5_000), "BAD_USER_INPUT"),
        (euros("1e4000000"), "BAD_USER_INPUT"),
        (euros("NaN"), "BAD_USER_INPUT"),
        (euros("Infinity"), "BAD_USER_INPUT"),
        (euros("3.600,00"), "BAD_USER_INPUT"),
        (euros(SQL), "BAD_USER_INPUT"),
        ({"amount": "3600.00", "currency": "SEK"}, "CurrencyMismatch"),
        ({"amount": "3600.00", "currency": "XXX"}, "UnknownCurrency"),
        ({"amount": "3600.00", "currency": SQL}, "UnknownCurrency"),
        ({"amount": "3600.00", "currency": ""}, "UnknownCurrency"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
async def test_a_wage_that_is_no_amount_of_ours_is_refused(
    given: dict[str, str], code: str, scene: Scene
) -> None:
    assert await met(scene.contract(gross_wage=given)) == code


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("price", "code"),
    [
        (euros("-1.00"), "NegativeUnitPrice"),
        (euros("0.001"), "AmountTooPrecise"),
        (euros("9" * 25), "BAD_USER_INPUT"),
        ({"amount": "1", "currency": "HUF"}, "CurrencyMismatch"),
    ],
    ids=["negative", "too precise", "huge", "forints"],
)
async def test_a_price_that_is_no_amount_of_ours_is_refused(
    price: dict[str, str], code: str, scene: Scene
) -> None:
    assert await met(scene.draft(unitPrice=price)) == code


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ("-1", "QuantityOutOfRange"),
        ("0", "QuantityOutOfRange"),
        ("1" + "0" * 40, "BAD_USER_INPUT"),
        ("many", "BAD_USER_INPUT"),
    ],
)
async def test_a_quantity_that_is_none_is_refused(quantity: str, code: str, scene: Scene) -> None:
    assert await met(scene.draft(quantity=quantity)) == code


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("endowment", "code"),
    [
        (euros("-1.00"), "EndowmentNegative"),
        (euros("0.005"), "AmountTooPrecise"),
        ({"amount": "1.00", "currency": "SEK"}, "CurrencyMismatch"),
    ],
)
async def test_a_fund_is_not_opened_with_what_is_no_endowment(
    endowment: dict[str, str], code: str, scene: Scene
) -> None:
    assert await met(scene.fund(endowment)) == code


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        (-1, "NumberOutOfRange"),
        (0, "NumberOutOfRange"),
        (1_001, "NumberOutOfRange"),
        (2**31 - 1, "NumberOutOfRange"),
        (2**31, "BAD_USER_INPUT"),
        (10**30, "BAD_USER_INPUT"),
    ],
)
async def test_a_number_of_shares_that_nobody_buys_is_refused(quantity: int, code: str, scene: Scene) -> None:
    subscribed = scene.anna.persona.ask(
        "subscribe_shares", member_id=scene.anna.id, entity_id=scene.house.entity_id, quantity=quantity
    )
    assert await met(subscribed) == code


async def test_a_contract_that_costs_more_than_the_order_brings_is_refused_and_holds_nothing(
    scene: Scene,
) -> None:
    before = (await scene.anna.persona.ask("activity", id=scene.activity_id))["balance"]
    asked = await scene.contract(gross_wage=euros("3990.00"))
    refused = await until(
        "the contract is refused",
        lambda: scene.anna.persona.ask("contract", id=asked["id"]),
        lambda contract: contract["state"] == "REFUSED",
    )
    assert refused["refusalCode"] == "BudgetTooSmall"
    assert refused["declarations"] == []
    assert (await scene.anna.persona.ask("activity", id=scene.activity_id))["balance"] == before


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("nothing_changes")
async def test_days_in_the_wrong_order_are_refused(scene: Scene) -> None:
    assert await met(scene.contract(start_date=END, end_date=START)) == "ContractDatesReversed"
    assert await met(scene.draft(firstDay=END, lastDay=START)) == "DatesReversed"
    assert await met(scene.meeting(date(2026, 6, 1))) == "MeetingInThePast"
    assert await met(scene.meeting(date(2026, 6, 10))) == "NoticeTooShort"
    operator, entity = scene.house.staff.operator, scene.house.entity_id
    assert await met(operator.ask("open_business_day", entity_id=entity, day=date(2026, 6, 1))) == "DayIsPast"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    "day", ["2026-02-30", "2026-13-01", "31.07.2026", "0000-01-01", "99999-01-01", SQL, ""]
)
async def test_a_day_that_is_none_is_refused(day: str, scene: Scene) -> None:
    assert await met(scene.contract(start_date=day)) == "BAD_USER_INPUT"


@pytest.mark.usefixtures("nothing_changes")
async def test_a_contract_for_days_that_are_past_is_refused(scene: Scene) -> None:
    past = TODAY - timedelta(days=5)
    assert await met(scene.contract(kind="DAYS", days=1, start_date=past, end_date=past)) == "HireTooLate"
    begun_month: dict[str, Any] = {"start_date": TODAY.replace(day=1), "end_date": date(2026, 6, 30)}
    assert await met(scene.contract(**begun_month)) == "HireTooLate"


# ── Numbers with check digits ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("BE0123456789", "MalformedVatNumber"),
        ("BE", "MalformedVatNumber"),
        ("0", "MalformedVatNumber"),
        ("FR00123456789", "MalformedVatNumber"),
        ("BE 0403 019 26", "MalformedVatNumber"),
        ("BE04030192\uff16\uff11", "MalformedVatNumber"),
        (SQL[:20], "MalformedVatNumber"),
        (SQL, "TextTooLong"),
        (RIGHT_TO_LEFT, "TextNotPlain"),
    ],
)
async def test_a_vat_number_that_cannot_be_right_is_refused(number: str, code: str, scene: Scene) -> None:
    assert await met(scene.party(vat_number=number)) == code


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("iban", "code"),
    [
        ("BE68539007547035", "MalformedIban"),
        ("BE", "MalformedIban"),
        ("68539007547034", "MalformedIban"),
        ("XX68539007547034", "MalformedIban"),
        ("BE\uff168539007547034", "MalformedIban"),
        (SQL, "MalformedIban"),
        (RIGHT_TO_LEFT, "TextNotPlain"),
    ],
)
async def test_an_iban_that_cannot_be_right_is_refused_and_not_repeated(
    iban: str, code: str, scene: Scene
) -> None:
    with pytest.raises(Refused) as refused:
        await scene.profile(iban=iban)
    assert refused.value.code == code
    assert refused.value.answer is not None
    assert iban not in refused.value.answer.text or iban == "BE"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("90030485067", "MalformedNationalNumber"),
        ("0", "MalformedNationalNumber"),
        ("99999999999", "MalformedNationalNumber"),
        ("9003048506x", "MalformedNationalNumber"),
        (SQL, "MalformedNationalNumber"),
        (RIGHT_TO_LEFT, "TextNotPlain"),
    ],
)
async def test_a_national_number_that_cannot_be_right_is_refused(
    number: str, code: str, scene: Scene
) -> None:
    assert await met(scene.profile(national_number=number)) == code


# ── Statements ───────────────────────────────────────────────────────────────────────────────────────────────

EXTERNAL = '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document>&e;</Document>'
LAUGHS = (
    '<!DOCTYPE d [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><Document>&i;</Document>"
)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    "text",
    [
        "x",
        "<",
        "<Document/>",
        "{}",
        "<Document>" * 5_000,
        EXTERNAL,
        LAUGHS,
        SQL,
        '<?xml version="1.0" encoding="utf-7"?><d/>',
    ],
    ids=["letter", "bracket", "empty document", "json", "deep", "external entity", "laughs", "sql", "utf-7"],
)
async def test_a_statement_that_is_none_is_refused(text: str, scene: Scene) -> None:
    assert await met(scene.statement(text)) == "MalformedStatement"


@pytest.mark.usefixtures("nothing_changes")
async def test_a_statement_whose_sums_are_wrong_is_refused(scene: Scene) -> None:
    good = await scene.house.bank.statement(scene.house.iban, TODAY)
    assert '<Amt Ccy="EUR">30.00</Amt>' in good
    wrong = good.replace('<Amt Ccy="EUR">30.00</Amt>', '<Amt Ccy="EUR">31.00</Amt>', 1)
    assert await met(scene.statement(wrong)) == "StatementBalanceDoesNotAdd"


@pytest.mark.usefixtures("nothing_changes")
async def test_the_statement_of_another_account_is_refused(scene: Scene) -> None:
    other = made_up.iban()
    await scene.house.bank.open_account(other)
    assert (
        await met(scene.statement(await scene.house.bank.statement(other, TODAY))) == "AccountOfSomebodyElse"
    )


# ── Names ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "TextTooShort"),
        (" ", "TextTooShort"),
        ("\u200b", "NameHasForbiddenCharacters"),
        (f"Anna{RIGHT_TO_LEFT}retep", "TextNotPlain"),
        ("Anna\x00", "TextNotPlain"),
        ("Anna\nPeeters", "TextNotPlain"),
        ("1", "NameMissing"),
        ("A" * 500, "TextTooLong"),
        ("\u0301" * 150, "NameTooLong"),
    ],
    ids=["empty", "blank", "no width", "right to left", "null", "line", "digit", "long", "accents"],
)
async def test_a_name_that_is_none_is_refused(name: str, code: str, scene: Scene) -> None:
    assert await met(scene.apply(given_name=name)) == code
    assert await met(scene.apply(family_name=name)) == code


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"a{RIGHT_TO_LEFT}b", "TextNotPlain"),
        ("a\x00b", "TextNotPlain"),
        ("a\u2028b", "TextNotPlain"),
        ("a" * 5_000, "TextTooLong"),
    ],
    ids=["right to left", "null", "line separator", "long"],
)
async def test_a_text_that_would_deceive_its_reader_is_refused_everywhere(
    text: str, code: str, scene: Scene
) -> None:
    for asking in (
        scene.party(name=text),
        scene.draft(description=text),
        scene.contract(function_title=text),
        scene.profile(holder_name=text),
        scene.anna.persona.ask("open_activity", entity_id=scene.house.entity_id, name=text),
    ):
        assert await met(asking) == code


@pytest.mark.usefixtures("nothing_changes")
async def test_sql_is_refused_where_a_form_is_expected(scene: Scene) -> None:
    assert await met(scene.apply(email=SQL)) == "MalformedEmail"
    assert await met(scene.apply(language=SQL[:5])) == "LanguageNotServed"
    assert await met(scene.party(country="';")) == "BuyerCountryNotServed"
    assert await met(scene.party(email=SQL)) == "MalformedEmail"
    assert await met(scene.draft(nature=SQL)) == "NatureUnknown"
    assert await met(scene.draft(unit="'; --")) == "UnitUnknown"


async def test_sql_in_a_name_is_a_name(scene: Scene, databases: Databases) -> None:
    before = await databases.when_quiet()
    somebody = await scene.house.stranger("Bobby", "Tables", date(1990, 1, 1))
    applied = await somebody.persona.ask(
        "apply_for_membership",
        entity_id=scene.house.entity_id,
        given_name=SQL,
        family_name="Tables",
        email=somebody.email,
        birth_date=somebody.birth_date,
        language="fr",
    )
    assert applied["givenName"] == SQL
    after = await databases.when_quiet()
    more = {table: after[table] - count for table, count in before.items() if after[table] != count}
    assert more == {
        "members.public.member": 1,
        "members.public.membership": 1,
        "members.public.idempotency": 1,
    }


# ── Queries ──────────────────────────────────────────────────────────────────────────────────────────────────


def deep(levels: int) -> str:
    return "query { me " + "{ memberships { entity " * levels + "{ id }" + " } }" * levels + " }"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        (deep(500), "QUERY_TOO_DEEP"),
        ("{" * 1_000, "QUERY_TOO_DEEP"),
        ("query { me(a: " + "[" * 1_000 + "]" * 1_000 + ") { id } }", "QUERY_TOO_DEEP"),
        ("query {" + "".join(f" a{number}: me {{ id }}" for number in range(200)) + " }", "QUERY_TOO_COSTLY"),
        ("query { " + "me { id } " * 1_500 + "}", "QUERY_TOO_COSTLY"),
        (
            "query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("query { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query { me { id ", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        (SQL, "GRAPHQL_PARSE_FAILED"),
        ("subscription { me { id } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
    ids=[
        "fields",
        "brackets",
        "lists",
        "aliases",
        "repeats",
        "loop",
        "unknown",
        "broken",
        "empty",
        "sql",
        "subscription",
    ],
)
async def test_a_query_that_costs_too_much_or_means_nothing_is_refused(
    query: str, code: str, scene: Scene
) -> None:
    answer = await scene.anna.persona.post(query)
    assert set(answer.codes) == {code}
    assert answer.status == 400
    _shows_no_insides(answer)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"query": 1}',
        b'{"query": "query($i: ID!) { order(id: $i) { id } }", "variables": []}',
        b'{"query":"' + b"a" * 300_000 + b'"}',
    ],
    ids=["empty", "brace", "list", "null", "text", "not utf-8", "deep", "number", "variables", "large"],
)
async def test_a_body_that_is_no_request_is_refused(
    body: bytes, scene: Scene, door: Door, stack: Addresses
) -> None:
    _, http = door
    answer = await http.post(
        f"{stack.gateway}/graphql",
        content=body,
        headers={
            "Authorization": f"Bearer {scene.anna.persona.token}",
            "Content-Type": "application/json",
            "X-Country": "BE",
        },
    )
    assert 400 <= answer.status_code < 500
    codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
    assert codes <= {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "QUERY_TOO_COSTLY"}
