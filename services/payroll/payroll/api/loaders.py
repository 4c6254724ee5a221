"""Batch loaders: results in the order of the keys. Those that open a member's file note who reads it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Final

from commons.arguments import Between, Text
from commons.context import Ctx
from commons.country import CountryDataWrong
from commons.database import transaction
from commons.money import Money
from payroll.capabilities.find_contracts import STAFF
from payroll.documents.explanation_words import EXPLANATION_WORDS
from payroll.documents.prints import print_payslip
from payroll.documents.return_package import unpack
from payroll.domain.correction import line_words
from payroll.domain.law import Words
from payroll.domain.periodic_return import form_of
from payroll.domain.regularization import bearer
from payroll.rows import (
    BudgetRefusalRow,
    ContractRow,
    DeclarationRow,
    DocumentRow,
    LaborCostRow,
    OpenDifferencesRow,
    OrderRef,
    PayrollDocumentKind,
    PayrollProfileRow,
    PayRunFailureRow,
    PayslipCorrectionRow,
    PayslipRow,
    RecomputationFailureRow,
    ReturnFileRow,
    contract_rows,
    declaration_row,
    labor_cost_row,
    payslip_correction_row,
    payslip_row,
    profile_row,
)
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import file_owner, log_access, open_person, return_owner

NESTED_MAX: Final = 100


async def contracts_by_key(ctx: Ctx[Payroll], keys: list[str]) -> Sequence[ContractRow | None]:
    """Contracts."""
    rows = await contract_rows(ctx, await ctx.read.fetch(SQL["contracts_by_key"], keys))
    found = {row.key: row for row in rows}
    return [found.get(key) for key in keys]


async def contracts_by_order(
    ctx: Ctx[Payroll], keys: list[str], *, first: Annotated[int, Between(1, NESTED_MAX)] = 20
) -> list[list[ContractRow]]:
    """The contracts made under orders, oldest first; of several people each sees the own ones alone."""
    found: dict[str, list[ContractRow]] = defaultdict(list)
    whose = None if ctx.who.has_role(*STAFF) else ctx.who.member_id
    records = await ctx.read.fetch(SQL["contracts_by_order"], keys, first, whose)
    for row in await contract_rows(ctx, records):
        found[row.order_id].append(row)
    return [found[key] for key in keys]


async def declarations_by_contract(ctx: Ctx[Payroll], keys: list[str]) -> list[list[DeclarationRow]]:
    """The declarations of contracts."""
    found: dict[str, list[DeclarationRow]] = defaultdict(list)
    for record in await ctx.read.fetch(SQL["declarations_by_contract"], keys):
        found[record["contract_id"]].append(declaration_row(record))
    return [found[key] for key in keys]


async def budget_refusals_by_contract(
    ctx: Ctx[Payroll], keys: list[str]
) -> Sequence[BudgetRefusalRow | None]:
    """By how much the budget was too small; nothing for a contract that it could pay."""
    found = {
        row["contract_id"]: BudgetRefusalRow(
            Money(row["requested_minor"], row["currency"]), Money(row["available_minor"], row["currency"])
        )
        for row in await ctx.read.fetch(SQL["budget_refusals_by_contract"], keys)
    }
    return [found.get(key) for key in keys]


async def payslips_by_key(ctx: Ctx[Payroll], keys: list[str]) -> Sequence[PayslipRow | None]:
    """Payslips."""
    found = {row["id"]: payslip_row(row) for row in await ctx.read.fetch(SQL["payslips_by_key"], keys)}
    return [found.get(key) for key in keys]


async def payslips_by_contract(ctx: Ctx[Payroll], keys: list[str]) -> Sequence[PayslipRow | None]:
    """The payslip of each contract, once its work is done."""
    rows = await ctx.read.fetch(SQL["payslips_by_contract"], keys)
    found = {row["contract_id"]: payslip_row(row) for row in rows}
    return [found.get(key) for key in keys]


async def failures_by_pay_run(
    ctx: Ctx[Payroll], keys: list[str], *, first: Annotated[int, Between(1, NESTED_MAX)] = 20
) -> list[list[PayRunFailureRow]]:
    """The contracts that pay runs could not pay."""
    found: dict[str, list[PayRunFailureRow]] = defaultdict(list)
    for row in await ctx.read.fetch(SQL["failures_by_pay_run"], keys, first):
        found[row["run_id"]].append(
            PayRunFailureRow(row["contract_id"], row["refusal_code"], row["refusal_sentence"])
        )
    return [found[key] for key in keys]


async def failures_by_recomputation(
    ctx: Ctx[Payroll], keys: list[str], *, first: Annotated[int, Between(1, NESTED_MAX)] = 20
) -> list[list[RecomputationFailureRow]]:
    """The payslips that could not be computed again."""
    found: dict[str, list[RecomputationFailureRow]] = defaultdict(list)
    for row in await ctx.read.fetch(SQL["failures_by_recomputation"], keys, first):
        found[row["run_id"]].append(
            RecomputationFailureRow(row["payslip_id"], row["refusal_code"], row["refusal_sentence"])
        )
    return [found[key] for key in keys]


async def corrections_by_payslip(
    ctx: Ctx[Payroll], keys: list[str], *, first: Annotated[int, Between(1, NESTED_MAX)] = 20
) -> list[list[PayslipCorrectionRow]]:
    """What differs in payslips that were computed again, the first correction first."""
    found: dict[str, list[PayslipCorrectionRow]] = defaultdict(list)
    for row in await ctx.read.fetch(SQL["corrections_by_payslip"], keys, first):
        found[row["payslip_id"]].append(payslip_correction_row(row))
    return [found[key] for key in keys]


async def labor_costs_by_contract(ctx: Ctx[Payroll], keys: list[str]) -> Sequence[LaborCostRow | None]:
    """What contracts cost, as it becomes known."""
    rows = await ctx.read.fetch(SQL["labor_costs_by_contract"], keys)
    found = {row["contract_id"]: labor_cost_row(row) for row in rows}
    return [found.get(key) for key in keys]


async def payslips_by_member(
    ctx: Ctx[Payroll], keys: list[str], *, first: Annotated[int, Between(1, NESTED_MAX)] = 20
) -> list[list[PayslipRow]]:
    """The payslips of members, newest first."""
    found: dict[str, list[PayslipRow]] = defaultdict(list)
    for record in await ctx.read.fetch(SQL["payslips_by_member"], keys, first):
        found[record["member_id"]].append(payslip_row(record))
    return [found[key] for key in keys]


async def orders_by_key(ctx: Ctx[Payroll], keys: list[str]) -> Sequence[OrderRef]:
    """Orders, with their member where a client confirmed them."""
    rows = await ctx.read.fetch(SQL["order_members"], keys)
    found = {row["id"]: OrderRef(row["id"], row["member_id"], row["participants"]) for row in rows}
    return [found.get(key) or OrderRef(key) for key in keys]


async def payroll_profiles_by_member(
    ctx: Ctx[Payroll], keys: list[str]
) -> Sequence[PayrollProfileRow | None]:
    """What payroll knows of members, once they told it; each reading is noted."""
    await _note(ctx, keys, "payroll_profile")
    found = {
        row["member_id"]: profile_row(row, open_person(ctx.service.sealer, row["member_id"], row["person"]))
        for row in await ctx.read.fetch(SQL["payroll_profiles_by_member"], keys)
    }
    return [found.get(key) for key in keys]


async def payslip_documents(
    ctx: Ctx[Payroll],
    keys: list[str],
    *,
    kind: PayrollDocumentKind = PayrollDocumentKind.PDF,
    language: Annotated[str, Text(max=5, min=2)] | None = None,
) -> Sequence[DocumentRow | None]:
    """Payslips as documents, in the member's language where none is asked for; each reading is noted."""
    rows = await ctx.read.fetch(SQL["payslips_to_print"], keys)
    await _note(ctx, sorted({row["member_id"] for row in rows}), "payslip")
    found: dict[str, DocumentRow] = {}
    for row in rows:
        person = open_person(ctx.service.sealer, row["member_id"], row["person"])
        found[row["id"]] = _document(
            "application/pdf",
            await asyncio.to_thread(print_payslip, row, person, language, ctx.service.law),
        )
    return [found.get(key) for key in keys]


async def payment_file_documents(ctx: Ctx[Payroll], keys: list[str]) -> Sequence[DocumentRow | None]:
    """The bytes of payment files (pain.001); each reading is noted for every member in them."""
    rows = await ctx.read.fetch(SQL["payment_files_by_key"], keys)
    await _note(ctx, sorted({member for row in rows for member in row["members"]}), "payment_file")
    found = {
        row["id"]: _document(
            "application/xml", ctx.service.sealer.open(row["document"], of=file_owner(row["id"]))
        )
        for row in rows
    }
    return [found.get(key) for key in keys]


async def return_files(ctx: Ctx[Payroll], keys: list[str]) -> Sequence[list[ReturnFileRow] | None]:
    """The files of periodic returns, once they are filed; each reading is noted for every member in them."""
    rows = await ctx.read.fetch(SQL["return_requests_by_key"], keys)
    whose = await ctx.read.fetch(SQL["members_of_returns"], [row["id"] for row in rows])
    await _note(ctx, sorted({member for row in whose for member in row["members"]}), "periodic_return")
    found = {
        row["id"]: [
            ReturnFileRow(
                name=file.name,
                sha256=hashlib.sha256(file.content).hexdigest(),
                size_bytes=len(file.content),
                content=base64.b64encode(file.content).decode(),
            )
            for file in unpack(ctx.service.sealer.open(row["request"], of=return_owner(row["id"])))
        ]
        for row in rows
    }
    return [found.get(key) for key in keys]


async def open_differences(ctx: Ctx[Payroll], keys: list[str]) -> Sequence[OpenDifferencesRow | None]:
    """What returns declare of workers that no wage settled yet; nothing where they declare no difference."""
    found = {
        row["id"]: OpenDifferencesRow(
            owed_to_workers=Money(row["to_workers_minor"], row["currency"]),
            owed_by_workers=Money(row["by_workers_minor"], row["currency"]),
            not_withheld_borne_by=bearer(form_of(ctx.service.law, row["period_end"], row["kind"])),
        )
        for row in await ctx.read.fetch(SQL["open_differences_by_return"], keys)
    }
    return [found.get(key) for key in keys]


async def labels_by_code(
    ctx: Ctx[Payroll], keys: list[str], *, language: Annotated[str, Text(max=5, min=2)] = "en"
) -> list[str]:
    """What lines are called in a language, else in English."""
    return [_words(partial(line_words, ctx.service.law), key, language) for key in keys]


async def words_by_code(
    ctx: Ctx[Payroll], keys: list[str], *, language: Annotated[str, Text(max=5, min=2)] = "en"
) -> list[str]:
    """What the figures of an explanation are called in a language, else in English."""

    def words_of(code: str) -> Words:
        return EXPLANATION_WORDS.get(code) or line_words(ctx.service.law, code)

    return [_words(words_of, key, language) for key in keys]


async def boxes_by_code(
    ctx: Ctx[Payroll], keys: list[str], *, language: Annotated[str, Text(max=5, min=2)] = "en"
) -> list[str]:
    """What boxes of a yearly certificate are called in a language, else in English."""
    return [_words(ctx.service.law.certificate_words, key, language) for key in keys]


async def texts_of_remarks(
    ctx: Ctx[Payroll],
    keys: list[tuple[tuple[str, str], ...]],
    *,
    language: Annotated[str, Text(max=5, min=2)] = "en",
) -> list[str]:
    """What remarks say in a language, else in English, as it was said when they were made."""
    return [words.get(language) or words["en"] for words in map(dict, keys)]


def _words(words_of: Callable[[str], Words], code: str, language: str) -> str:
    try:
        words = words_of(code)
    except CountryDataWrong:  # of an older engine
        return code
    return words.get(language) or words.get("en", code)


async def _note(ctx: Ctx[Payroll], members: Sequence[str], file: str) -> None:
    async with transaction(ctx.service.write) as db:
        await log_access(db, ctx.who.subject, members, file, ctx.request_id)


def _document(media_type: str, content: bytes) -> DocumentRow:
    return DocumentRow(
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        content=base64.b64encode(content).decode(),
    )
