"""The GraphQL layer, asked through its HTTP door on a real database; the example service is lending_library."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from commons import global_id
from commons.claims import Claims
from commons.database import Pools
from commons.graphql import print_schema
from commons.graphql.errors import MESSAGE_LENGTH_MAX
from commons.testing import a_country
from commons.testing.api import AskedApi
from commons.tests import lending_library
from commons.tests.lending_library import TABLES, schema

BE = frozenset({"BE"})
ANNA = Claims(subject="anna", roles=frozenset({"member"}), member_id=UUID(int=1), countries=BE)
BRAM = Claims(subject="bram", roles=frozenset({"member"}), member_id=UUID(int=2), countries=BE)
LIBRARIAN = Claims(subject="lies", roles=frozenset({"librarian"}), countries=BE)
AUDITOR = Claims(subject="audit", roles=frozenset({"auditor"}), countries=BE)

ADD = """mutation ($title: String!, $amount: Decimal! = "12.50", $remarks: [RemarkInput!], $key: ID) {
  addBook(title: $title, price: {amount: $amount, currency: "EUR"}, remarks: $remarks, idempotencyKey: $key) {
    __typename ... on Book { id title price { amount currency } } ... on Refusal { code message path facts }
  }
}"""
LEND = """mutation ($book: ID!, $member: ID!, $until: Date! = "2026-06-30", $note: String, $key: ID) {
  lendBook(bookId: $book, memberId: $member, until: $until, note: $note, idempotencyKey: $key) {
    __typename ... on Loan { id state dueDate fee { amount } note member { id } book { title } }
    ... on Refusal { code message path facts }
  }
}"""
RETURN = (
    "mutation ($loan: ID!) { returnBook(loanId: $loan) { ... on Loan { state } ... on Refusal { code } } }"
)


@pytest.fixture(scope="module")
async def library(pools: Pools) -> Pools:
    await pools.write.execute(TABLES)
    return pools


@pytest.fixture
async def api(library: Pools) -> AskedApi:
    await library.write.execute("truncate book, loan, idempotency")
    return AskedApi(schema, pools=library, country=a_country())


def gid(type_name: str, key: object) -> str:
    return global_id.encode("BE", type_name, str(key))


async def a_book(api: AskedApi, title: str = "Dune") -> str:
    answer = await api.ask(ADD, who=LIBRARIAN, title=title)
    found: str = answer.data["addBook"]["id"]
    return found


async def a_loan(api: AskedApi, to: Claims = ANNA, title: str = "Dune", **more: Any) -> str:
    answer = await api.ask(
        LEND, who=LIBRARIAN, book=await a_book(api, title), member=gid("Member", to.member_id), **more
    )
    found: str = answer.data["lendBook"]["id"]
    return found


async def test_a_mutation_answers_with_its_record_and_commits_it(api: AskedApi) -> None:
    added = await api.ask(ADD, who=LIBRARIAN, title="Dune")
    assert added.data["addBook"]["price"] == {"amount": "12.50", "currency": "EUR"}
    books = await api.ask("{ books { nodes { id title heading shelf } } }")
    [book] = books.data["books"]["nodes"]
    assert book == {"id": added.data["addBook"]["id"], "title": "Dune", "heading": "Dune", "shelf": "D"}


async def test_a_refusal_is_data_with_its_facts_and_rolls_back(api: AskedApi, pools: Pools) -> None:
    book = await a_book(api)
    anna = gid("Member", ANNA.member_id)
    await api.ask(LEND, who=ANNA, book=book, member=anna)
    refused = (await api.ask(LEND, who=ANNA, book=book, member=anna)).data["lendBook"]
    assert refused["code"] == "BookIsLent"
    assert refused["message"] == "The book is lent to somebody else."
    assert refused["facts"]["fine"] == {"amount": "1.50", "currency": "EUR"}
    assert refused["facts"]["until"] == "2026-06-30"
    assert await pools.write.fetchval("select count(*) from loan") == 1


async def test_a_violated_constraint_is_the_refusal_that_the_schema_names(api: AskedApi) -> None:
    await a_book(api, "Dune")
    again = await api.ask(ADD, who=LIBRARIAN, title="Dune")
    assert again.data["addBook"]["code"] == "TitleTaken"


async def test_nobody_does_what_no_rule_allows(api: AskedApi) -> None:
    for who, code in ((None, "UNAUTHENTICATED"), (ANNA, "FORBIDDEN"), (AUDITOR, "FORBIDDEN")):
        answer = await (api.ask(ADD, title="Dune") if who is None else api.ask(ADD, who=who, title="Dune"))
        assert answer.codes == [code]
    assert (await api.ask("{ books { nodes { title } } }")).data["books"]["nodes"] == []


async def test_a_rule_is_asked_before_the_arguments_are_read(api: AskedApi) -> None:
    answer = await api.ask(ADD, title="\u202egnp")
    assert answer.codes == ["UNAUTHENTICATED"]


async def test_an_argument_can_make_a_mutation_ones_own(api: AskedApi) -> None:
    book = await a_book(api)
    for_bram = {"book": book, "member": gid("Member", BRAM.member_id)}
    assert (await api.ask(LEND, who=ANNA, **for_bram)).codes == ["FORBIDDEN"]
    assert (await api.ask(LEND, who=BRAM, **for_bram)).data["lendBook"]["state"] == "OPEN"


async def test_what_only_the_row_can_tell_is_refused_by_the_capability(api: AskedApi) -> None:
    loan = await a_loan(api, ANNA)
    assert (await api.ask(RETURN, who=BRAM, loan=loan)).data["returnBook"]["code"] == "NotYours"
    assert (await api.ask(RETURN, who=ANNA, loan=loan)).data["returnBook"]["state"] == "RETURNED"


async def test_an_auditor_does_not_even_do_what_everybody_with_a_token_may(api: AskedApi) -> None:
    loan = await a_loan(api, ANNA)
    both = Claims(subject="both", roles=frozenset({"auditor", "librarian"}), countries=BE)
    assert (await api.ask(RETURN, who=AUDITOR, loan=loan)).codes == ["FORBIDDEN"]
    assert (await api.ask(ADD, who=both, title="Dune")).codes == ["FORBIDDEN"]


async def test_a_list_shows_only_the_rows_that_the_rule_lets_through(api: AskedApi) -> None:
    anna, bram = await a_loan(api, ANNA, "Dune"), await a_loan(api, BRAM, "Emma")
    ask = "{ loans { id } }"
    assert (await api.ask(ask, who=ANNA)).data["loans"] == [{"id": anna}]
    assert (await api.ask(ask, who=AUDITOR)).data["loans"] == [{"id": bram}, {"id": anna}]
    assert (await api.ask(ask)).codes == ["UNAUTHENTICATED"]


async def test_somebody_elses_row_and_a_missing_one_look_the_same(api: AskedApi) -> None:
    ask = "query ($id: ID!) { loan(id: $id) { state } }"
    theirs = await api.ask(ask, who=ANNA, id=await a_loan(api, BRAM))
    missing = await api.ask(ask, who=ANNA, id=gid("Loan", uuid4()))
    for answer in (theirs, missing):
        for error in answer.body["errors"]:
            del error["extensions"]["requestId"]
    assert theirs.body == missing.body
    assert theirs.codes == ["FORBIDDEN"]
    [error] = (await api.ask(ask, who=LIBRARIAN, id=gid("Loan", uuid4()))).body["errors"]
    assert error["extensions"]["refusal"]["code"] == "UnknownLoan"


async def test_a_guarded_field_is_null_with_an_error_for_who_may_not_see_it(api: AskedApi) -> None:
    await a_loan(api, note="late payer")
    for who in (ANNA, LIBRARIAN, AUDITOR):
        assert (await api.ask("{ loans { note } }", who=who)).data["loans"] == [{"note": "late payer"}]
    denied = await api.ask("{ books { nodes { title loans { id } } } }", who=ANNA)
    assert denied.codes == ["FORBIDDEN"]
    assert denied.body["data"] == {"books": {"nodes": [{"title": "Dune", "loans": None}]}}
    assert denied.body["errors"][0]["path"] == ["books", "nodes", 0, "loans"]


async def test_nested_fields_of_many_rows_are_one_call(
    api: AskedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in ("Dune", "Emma", "Ulysses"):
        await a_loan(api, title=title)
    calls: list[int] = []
    original = lending_library._grouped

    def counted(keys: list[str], loans: Any) -> Any:
        calls.append(len(keys))
        return original(keys, loans)

    monkeypatch.setattr(lending_library, "_grouped", counted)
    answer = await api.ask(
        "{ a: books { nodes { open: loans(state: OPEN) { state } back: loans(state: RETURNED) { state } } } "
        "  b: books { nodes { open: loans(state: OPEN) { state } } } }",
        who=LIBRARIAN,
    )
    assert [len(book["open"]) for book in answer.data["a"]["nodes"]] == [1, 1, 1]
    assert [len(book["back"]) for book in answer.data["a"]["nodes"]] == [0, 0, 0]
    assert calls == [3, 3]


async def test_entities_are_fetched_in_the_order_asked_each_with_its_rule(api: AskedApi) -> None:
    anna, bram = await a_loan(api, ANNA, "Dune"), await a_loan(api, BRAM, "Emma")
    representations = [
        {"__typename": "Loan", "id": bram},
        {"__typename": "Member", "id": gid("Member", ANNA.member_id)},
        {"__typename": "Loan", "id": anna},
        {"__typename": "Loan", "id": anna},
        {"__typename": "Loan", "id": "nonsense"},
        {"__typename": "Nothing", "id": anna},
        {"__typename": "Branch", "id": gid("Branch", uuid4())},
        {"__typename": "Loan", "id": global_id.encode("FR", "Loan", uuid4())},
    ]
    answer = await api.ask(
        """query ($r: [_Any!]!) { _entities(representations: $r) {
             __typename ... on Loan { id book { title } } ... on Member { loans { id } } } }""",
        who=ANNA,
        r=representations,
    )
    mine = {"__typename": "Loan", "id": anna, "book": {"title": "Dune"}}
    member = {"__typename": "Member", "loans": [{"id": anna}]}
    assert answer.body["data"]["_entities"] == [None, member, mine, mine, None, None, None, None]
    assert [error["path"][1] for error in answer.body["errors"]] == [0, 4, 5, 6, 7]
    assert answer.codes == ["FORBIDDEN", *["BAD_USER_INPUT"] * 4]


async def test_a_long_list_comes_in_pages(api: AskedApi) -> None:
    for title in ("Dune", "Emma", "Ulysses"):
        await a_book(api, title)
    ask = """query ($first: Int!, $after: String) { books(first: $first, after: $after) {
               nodes { title } pageInfo { endCursor hasNextPage } } }"""
    one = (await api.ask(ask, first=2)).data["books"]
    assert [book["title"] for book in one["nodes"]] == ["Dune", "Emma"]
    assert one["pageInfo"]["hasNextPage"]
    two = (await api.ask(ask, first=2, after=one["pageInfo"]["endCursor"])).data["books"]
    assert [book["title"] for book in two["nodes"]] == ["Ulysses"]
    assert not two["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"first": 0}, "NumberOutOfRange"),
        ({"first": 101}, "NumberOutOfRange"),
        ({"first": -(2**31)}, "NumberOutOfRange"),
        ({"first": 2**31}, None),
        ({"first": 2**63}, None),
        ({"first": 1.5}, None),
        ({"after": "nonsense"}, "MalformedCursor"),
        ({"after": "W10"}, "MalformedCursor"),
        ({"after": "x" * 501}, "TextTooLong"),
        ({"after": "\u0000"}, "TextNotPlain"),
    ],
)
async def test_a_read_with_an_impossible_argument_is_bad_input(
    api: AskedApi, variables: dict[str, Any], code: str | None
) -> None:
    ask = "query ($first: Int! = 1, $after: String) { books(first: $first, after: $after) { nodes { id } } }"
    answer = await api.ask(ask, **variables)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.body["errors"][0]["extensions"].get("refusal", {}).get("code") == code


@pytest.mark.parametrize(
    ("variables", "code", "path"),
    [
        ({"title": "a\u202eb"}, "TextNotPlain", ["title"]),
        ({"title": "a\nb"}, "TextNotPlain", ["title"]),
        ({"title": "x" * 81}, "TextTooLong", ["title"]),
        ({"title": "  "}, "TextTooShort", ["title"]),
        ({"title": "x", "amount": "1.005"}, "AmountTooPrecise", ["price"]),
        ({"title": "x", "amount": "9999999999999999"}, "AmountOutOfRange", ["price"]),
        ({"title": "x", "remarks": [{"text": "y"}] * 4}, "TooManyItems", ["remarks"]),
        (
            {"title": "x", "remarks": [{"text": "y"}, {"text": "z" * 21}]},
            "TextTooLong",
            ["remarks", "1", "text"],
        ),
        ({"title": "x", "key": "k" * 201}, "TextTooLong", ["idempotencyKey"]),
        ({"title": "x", "key": ""}, "TextTooShort", ["idempotencyKey"]),
    ],
)
async def test_a_mutation_with_an_impossible_argument_is_refused_with_its_place(
    api: AskedApi, variables: dict[str, Any], code: str, path: list[str]
) -> None:
    refused = (await api.ask(ADD, who=LIBRARIAN, **variables)).data["addBook"]
    assert (refused["code"], refused["path"]) == (code, path)


@pytest.mark.parametrize(
    "until", ["2026-02-30", "20260605", "0001-01-01", "9999-12-31", 5, "2026-06-05T00:00:00Z"]
)
async def test_an_impossible_day_is_bad_input(api: AskedApi, until: object) -> None:
    answer = await api.ask(LEND, who=LIBRARIAN, book="x", member="x", until=until)
    assert answer.status == 400
    assert answer.codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e9", "", 12.5, 12, "1,5", "9" * 40])
async def test_an_impossible_amount_is_bad_input(api: AskedApi, amount: object) -> None:
    answer = await api.ask(ADD, who=LIBRARIAN, title="x", amount=amount)
    assert answer.codes == ["BAD_USER_INPUT"]


async def test_an_id_of_another_type_or_country_is_refused(api: AskedApi) -> None:
    member = gid("Member", ANNA.member_id)
    for book, code in (
        (member, "WrongType"),
        (global_id.encode("FR", "Book", uuid4()), "WrongCountry"),
        ("x" * 5000, "MalformedId"),
        ("é", "MalformedId"),
    ):
        refused = (await api.ask(LEND, who=LIBRARIAN, book=book, member=member)).data["lendBook"]
        assert (refused["code"], refused["path"]) == (code, ["bookId"])


async def test_a_text_is_stored_in_normal_form(api: AskedApi) -> None:
    answer = await api.ask(ADD, who=LIBRARIAN, title="e\u0301te\u0301")
    assert answer.data["addBook"]["title"] == "été"


async def test_a_repeated_key_gives_the_same_answer_and_does_it_once(api: AskedApi) -> None:
    one = await api.ask(ADD, who=LIBRARIAN, title="Dune", key="k1")
    two = await api.ask(ADD, who=LIBRARIAN, title="Dune", key="k1")
    assert one.data == two.data
    other = await api.ask(ADD, who=LIBRARIAN, title="Emma", key="k1")
    assert other.data["addBook"]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len((await api.ask("{ books { nodes { id } } }")).data["books"]["nodes"]) == 1


async def test_a_key_belongs_to_the_one_who_used_it(api: AskedApi) -> None:
    await api.ask(ADD, who=LIBRARIAN, title="Dune", key="k1")
    other = await api.ask(ADD, who=replace(LIBRARIAN, subject="leo"), title="Emma", key="k1")
    assert other.data["addBook"]["title"] == "Emma"


async def test_a_refusal_leaves_the_key_free(api: AskedApi, pools: Pools) -> None:
    book = await a_book(api)
    ask: dict[str, Any] = {"who": ANNA, "book": book, "member": gid("Member", ANNA.member_id), "key": "k1"}
    loan = (await api.ask(LEND, **{**ask, "key": "k0"})).data["lendBook"]["id"]
    assert (await api.ask(LEND, **ask)).data["lendBook"]["code"] == "BookIsLent"
    await api.ask(RETURN, who=ANNA, loan=loan)
    assert (await api.ask(LEND, **ask)).data["lendBook"]["state"] == "OPEN"


async def test_the_same_key_at_the_same_time_is_done_once(api: AskedApi) -> None:
    answers = await asyncio.gather(*(api.ask(ADD, who=LIBRARIAN, title="Dune", key="k1") for _ in range(8)))
    assert len({answer.data["addBook"]["id"] for answer in answers}) == 1


async def test_a_bug_is_masked_and_named_by_its_request(
    api: AskedApi, caplog: pytest.LogCaptureFixture
) -> None:
    ask = orjson.dumps({"query": "mutation { breakShelf { __typename } }"})
    headers = {**api._people.header(LIBRARIAN), "x-request-id": "req-1"}
    answer = await api.post(ask, headers)
    [error] = answer.body["errors"]
    assert error["message"] == "Unexpected error"
    assert error["extensions"] == {
        "code": "INTERNAL",
        "service": "tested",
        "country": "BE",
        "requestId": "req-1",
    }
    assert answer.headers["x-request-id"] == "req-1"
    [record] = [record for record in caplog.records if "unexpected" in record.message]
    assert record.exc_info is not None


async def test_a_transaction_that_lost_a_race_is_done_again(
    api: AskedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def losing(times: int) -> Any:
        def made() -> UUID:
            tries.append(1)
            if len(tries) <= times:
                raise asyncpg.SerializationError("could not serialize access")
            return uuid4()

        return made

    monkeypatch.setattr(lending_library, "uuid7", losing(2))
    assert (await api.ask(ADD, who=LIBRARIAN, title="Dune")).data["addBook"]["title"] == "Dune"
    tries.clear()
    monkeypatch.setattr(lending_library, "uuid7", losing(3))
    assert (await api.ask(ADD, who=LIBRARIAN, title="Emma")).codes == ["INTERNAL"]
    assert len(tries) == 3


class TestTheDoor:
    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"[]", 400, "BAD_USER_INPUT"),
            (b"{}", 400, "BAD_USER_INPUT"),
            (b"", 400, "BAD_USER_INPUT"),
            (b'{"query": 1}', 400, "BAD_USER_INPUT"),
            (b'{"query": "{ books { nodes { id } } }", "variables": []}', 400, "BAD_USER_INPUT"),
            (b'{"query": "{ books { nodes { id } } }", "operationName": "x"}', 400, "BAD_USER_INPUT"),
            (b'{"query": "\\ud800"}', 400, "BAD_USER_INPUT"),
            (b'{"query": "{"}', 400, "GRAPHQL_PARSE_FAILED"),
            (b'{"query": "{ nothing }"}', 400, "GRAPHQL_VALIDATION_FAILED"),
            (b'{"query": "' + b"x" * 1_048_577 + b'"}', 413, "BAD_USER_INPUT"),
        ],
    )
    async def test_a_request_that_cannot_be_read_is_refused(
        self, api: AskedApi, body: bytes, status: int, code: str
    ) -> None:
        answer = await api.post(body)
        assert (answer.status, answer.codes) == (status, [code])

    async def test_only_post_is_answered(self, api: AskedApi) -> None:
        answer = await api.post(b"", method="GET")
        assert answer.status == 405
        assert answer.headers["allow"] == "POST"

    async def test_only_json_is_read(self, api: AskedApi) -> None:
        assert (await api.post(b"{}", {"content-type": "text/plain"})).status == 415

    async def test_the_country_must_be_said_and_be_this_one(self, api: AskedApi) -> None:
        assert (await api.post(b"{}", {"x-country": ""})).codes == ["COUNTRY_REQUIRED"]
        assert (await api.post(b"{}", {"x-country": "FR"})).codes == ["COUNTRY_MISMATCH"]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("{ a " * 1_000 + "}" * 1_000, "QUERY_TOO_DEEP"),
            ("{ x(a: " + "[" * 1_000 + "]" * 1_000 + ") }", "QUERY_TOO_DEEP"),
            ("{ a " * 13 + "}" * 13, "QUERY_TOO_DEEP"),
            ("{ " + "a " * 2_001 + "}", "QUERY_TOO_COSTLY"),
            ("{ " + " ".join(f"a{i}: books {{ __typename }}" for i in range(31)) + " }", "QUERY_TOO_COSTLY"),
            ("#" * 50_001, "QUERY_TOO_COSTLY"),
            (
                "{ ...a } fragment a on Query {"
                + " ...b" * 40
                + "} fragment b on Query {"
                + " ...c" * 40
                + "} "
                "fragment c on Query { books { __typename } }",
                "QUERY_TOO_COSTLY",
            ),
            ("{ ...a } fragment a on Query { ...a }", "GRAPHQL_VALIDATION_FAILED"),
            ("fragment a on Query { __typename } " * 51, "QUERY_TOO_COSTLY"),
        ],
    )
    async def test_a_document_has_limits(self, api: AskedApi, text: str, code: str) -> None:
        answer = await api.post(orjson.dumps({"query": text}))
        assert (answer.status, answer.codes) == (400, [code])

    async def test_too_many_entities_are_refused(self, api: AskedApi) -> None:
        ask = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
        one = {"__typename": "Book", "id": gid("Book", uuid4())}
        assert (await api.ask(ask, r=[one] * 501)).codes == ["BAD_USER_INPUT"]
        assert (await api.ask(ask, r=[one] * 500)).data["_entities"] == [None] * 500

    @pytest.mark.parametrize("type_name", [{}, [], None, 1, "Nothing"])
    async def test_an_entity_of_a_type_that_is_none_is_refused(self, api: AskedApi, type_name: Any) -> None:
        ask = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
        answer = await api.ask(ask, r=[{"__typename": type_name, "id": "x"}])
        assert (answer.status, answer.codes) == (200, ["BAD_USER_INPUT"])

    async def test_what_was_sent_is_not_repeated_at_length(self, api: AskedApi) -> None:
        answer = await api.ask("query ($a: Boolean!) { __typename @include(if: $a) }", a="x" * 900_000)
        assert answer.codes == ["BAD_USER_INPUT"]
        assert len(answer.body["errors"][0]["message"]) <= MESSAGE_LENGTH_MAX

    async def test_the_answer_has_the_type_that_was_asked_for(self, api: AskedApi) -> None:
        ask = b'{"query": "{ __typename }"}'
        assert (await api.post(ask)).headers["content-type"] == "application/json"
        new = {"accept": "application/graphql-response+json"}
        assert (await api.post(ask, new)).headers["content-type"] == "application/graphql-response+json"


def test_the_schema_has_federation_keys_stubs_unions_and_descriptions() -> None:
    text = print_schema(schema)
    assert 'federation/v2.9"' in text
    assert 'type Branch @key(fields: "id", resolvable: false)' in text
    assert "union LendBookResult = Loan | Refusal" in text
    assert "How far a loan is." in text


async def test_a_decimal_or_a_day_in_the_digits_of_another_script_is_refused(api: AskedApi) -> None:
    for amount in ("\u0661\u0662.50", "\uff11\uff12"):
        answer = await api.ask(ADD, who=LIBRARIAN, title="Dune", amount=amount)
        assert answer.codes == ["BAD_USER_INPUT"]
    answer = await api.ask(
        LEND,
        who=LIBRARIAN,
        book=await a_book(api),
        member=gid("Member", ANNA.member_id),
        until="\u0662026-06-05",
    )
    assert answer.codes == ["BAD_USER_INPUT"]


async def test_a_database_that_cannot_be_reached_makes_the_service_unavailable() -> None:
    nowhere = asyncpg.create_pool("postgresql://nobody@127.0.0.1:9/none", min_size=0)
    async with nowhere as pool:
        asked = AskedApi(schema, pools=Pools(pool, pool), country=a_country())
        for answer in (
            await asked.ask("{ books { nodes { title } } }"),
            await asked.ask(ADD, who=LIBRARIAN, title="Dune", key="once"),
        ):
            [error] = answer.body["errors"]
            assert error["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"
            assert error["message"] == "The service cannot reach its database; ask again."


async def test_nobody_is_told_that_a_mutation_was_done_whose_commit_had_no_answer(
    api: AskedApi, library: Pools
) -> None:
    await library.write.execute(
        """
        create function cut() returns trigger language plpgsql as
        'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';
        create constraint trigger cut after insert on book deferrable initially deferred
        for each row execute function cut();
        """
    )
    try:
        cut = await api.ask(ADD, who=LIBRARIAN, title="Dune", key="once")
    finally:
        await library.write.execute("drop trigger cut on book; drop function cut")
    assert cut.codes == ["SUBGRAPH_UNAVAILABLE"]
    again = await api.ask(ADD, who=LIBRARIAN, title="Dune", key="once")
    assert again.data["addBook"]["__typename"] == "Book"
