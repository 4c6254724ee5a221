"""Tell payroll who one is, where the wage goes, and what the law asks of a worker."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Items, Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.identifiers import iban as checked_iban
from commons.identifiers import national_number as checked_national_number
from payroll.capabilities.repeat_wage_payment import repeat_to_another_account
from payroll.documents.pain001 import NAME_LENGTH_MAX
from payroll.documents.sepa_text import sepa_text
from payroll.domain.errors import FactsOfTheFuture, HolderNameMissing, LanguageUnknown, PaymentTextEmpty
from payroll.domain.person import Person
from payroll.events.published import PayrollProfileCompleted
from payroll.inputs import FACTS_MAX, FamilySituationInput, TaxFactInput, told
from payroll.rows import MemberRef
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import open_person, seal_facts, seal_person


@capability
async def complete_payroll_profile(
    ctx: Ctx[Payroll],
    *,
    member_id: Annotated[UUID, Node("Member")],
    entity_id: Annotated[UUID, Node("Entity")],
    national_number: Annotated[str, Text(max=40, min=1)],
    iban: Annotated[str, Text(max=50, min=1)],
    holder_name: Annotated[str, Text(max=200, min=1)],
    language: Annotated[str, Text(max=5, min=2)],
    family_situation: FamilySituationInput | None = None,
    tax_facts: Annotated[list[TaxFactInput], Items(max=FACTS_MAX)] | None = None,
    facts_since: date | None = None,
) -> MemberRef:
    """Complete or correct one's own payroll profile; wages computed from then on follow it.

    What the country's engine asks is told by name in `taxFacts`, the household also by `familySituation`; for
    what nobody tells, the law has a default, which each payslip names. With `factsSince`, a day that has
    come, these facts have held since then: payslips of since that day are corrected when a payroll officer
    has them computed again. A wage that the bank returned is paid again where the account is another one now.
    Kept encrypted, in no event and in no log. The answer is the member: reading the profile is noted.
    Raises what `told` raises, LanguageUnknown, HolderNameMissing, FactsOfTheFuture.
    """
    today = await ctx.today(entity_id)
    if facts_since is not None and facts_since > today:
        raise FactsOfTheFuture(since=facts_since, today=today).at("factsSince")
    if language not in ctx.country.languages:
        raise LanguageUnknown(language=language, known=list(ctx.country.languages)).at("language")
    known = await ctx.db.fetchrow(SQL["payroll_profile_for_update"], member_id)
    facts = told(ctx.service.engine.situation_type, family_situation, tax_facts)
    person = Person(
        national_number=checked_national_number(national_number, ctx.country.national_number),
        iban=checked_iban(iban),
        holder_name=payable(holder_name),
        family=None if family_situation is None else family_situation.family,
        facts=dict(facts),
        # An officer's word: whoever tells the rest anew neither says nor unsays it.
        died_on=None
        if known is None
        else open_person(ctx.service.sealer, member_id, known["person"]).died_on,
    )
    sealed = seal_person(ctx.service.sealer, member_id, person)
    await ctx.db.execute(SQL["put_payroll_profile"], member_id, language, today, sealed)
    if facts_since is not None:
        told_facts = seal_facts(ctx.service.sealer, member_id, person.answers)
        await ctx.db.execute(SQL["insert_fact_correction"], member_id, facts_since, today, told_facts)
    await ctx.announce(PayrollProfileCompleted(member_id=member_id, entity_id=entity_id))
    await repeat_to_another_account(ctx, member_id)
    return MemberRef(key=str(member_id))


def payable(name: str) -> str:
    """The name of an account's holder, where a payment file can carry it. Raises HolderNameMissing."""
    # A name that the payment file could not carry would be found out on the day the wage is due.
    try:
        sepa_text(name, NAME_LENGTH_MAX)
    except PaymentTextEmpty:
        raise HolderNameMissing().at("holderName") from None
    return name
