import base64
import hashlib
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from lxml import html

from invoicing.documents.order_page import (
    LANGUAGE_NAMES,
    OrderView,
    PageState,
    consent_sentence,
    headers,
    render,
    state_of,
)
from invoicing.domain.order import ConfirmedBy, Order, cancel, confirm, draft_invoice, refuse, send
from invoicing.domain.rules import InvoicingRules
from invoicing.domain.samples import SOME_ID, a_draft, a_seller, an_order

SENT = date(2026, 6, 10)


def sent() -> Order:
    return send(an_order(), SENT)


@pytest.fixture
def view(rules: InvoicingRules) -> OrderView:
    payment = a_draft().payment
    assert payment is not None
    order = sent()
    preview = draft_invoice(
        order, id=SOME_ID, seller=a_seller(), rules=rules.vat, payment=payment, tax_point_date=SENT
    )
    return OrderView(order, preview, a_seller(), "Atelier Web", ["Une condition."], "/o/token")


def page(text: str) -> html.HtmlElement:
    return html.document_fromstring(text)


def as_in(view: OrderView, state: PageState) -> OrderView:
    """The view of an order in a state that says when it was cancelled."""
    if state is not PageState.CANCELLED:
        return view
    return replace(view, order=cancel(view.order, reason="", done={}, today=SENT))


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
@pytest.mark.parametrize("state", PageState)
def test_every_state_is_said_in_every_language(view: OrderView, language: str, state: PageState) -> None:
    view = as_in(view, state)
    root = page(render(view, language, state))
    assert root.get("lang") == language
    assert len(root.findall(".//h1")) == 1
    assert len(root.findall(".//main")) == 1
    assert root.findtext(".//title")
    shown = root.text_content()
    assert ("Client SA" in shown) == (state is not PageState.INVALID)
    assert "{" not in re.sub(r"<style>.*?</style>", "", render(view, language, state), flags=re.S)


def test_an_open_quote_shows_its_lines_dates_vat_total_terms_and_seller(view: OrderView) -> None:
    shown = (
        page(render(view, "fr", PageState.OPEN)).text_content().replace("\u00a0", " ").replace("\u202f", " ")
    )
    for fact in (
        "Création d'un site",
        "10 jours × 100,00 €",
        "1er – 31 juillet 2026",
        "TVA 21 %",
        "210,00 €",
        "1 210,00 €",
        "30 juin 2026",
        "10 jours à dater de la facture",
        "Coopérative Exemple SC",
        "TVA BE0896755397",
        "Atelier Web",
        "Une condition.",
    ):
        assert fact in shown, fact


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "fr",
            "réalisé pour l'activité « Atelier Web » et facturé par Coopérative Exemple, qui emploie la personne",
        ),
        (
            "nl",
            "voor de activiteit “Atelier Web” en gefactureerd door Coopérative Exemple, de werkgever van wie",
        ),
        (
            "en",
            "for the activity “Atelier Web” and invoiced by Coopérative Exemple, which employs the person",
        ),
        (
            "de",
            "für die Aktivität „Atelier Web“ ausgeführt und von Coopérative Exemple berechnet, dem Arbeitgeber",
        ),
    ],
)
def test_the_page_names_the_activity_as_an_activity_and_not_as_a_person(
    view: OrderView, language: str, said: str
) -> None:
    for state in (PageState.OPEN, PageState.REFUSED, PageState.WITHDRAWN, PageState.EXPIRED):
        shown = page(render(view, language, state)).text_content().replace("\u00a0", " ")
        assert said in shown
        assert state is PageState.OPEN or len(re.findall("[«“„] ?Atelier Web ?[»”“]", shown)) == 2


def test_the_buyer_confirms_by_name_and_consent_and_refuses_with_a_reason(view: OrderView) -> None:
    yes, no = page(render(view, "fr", PageState.OPEN)).forms
    assert (yes.method, yes.action) == ("POST", "/o/token")
    assert set(yes.fields.keys()) == {"decision", "language", "name", "consent"}
    assert set(no.fields.keys()) == {"decision", "language", "reason"}
    assert (yes.fields["decision"], no.fields["decision"]) == ("confirm", "refuse")


def test_the_sentence_on_the_page_is_the_sentence_that_is_kept(view: OrderView) -> None:
    root = page(render(view, "nl", PageState.OPEN))
    [label] = root.xpath("//label[@for='consent']")
    assert label.text_content() == consent_sentence(view.order, view.preview, "nl")


@pytest.mark.parametrize("state", [state for state in PageState if state is not PageState.OPEN])
def test_a_decided_or_closed_quote_offers_no_form(view: OrderView, state: PageState) -> None:
    assert page(render(as_in(view, state), "fr", state)).forms == []


def test_every_field_has_a_label_and_every_reference_leads_somewhere(view: OrderView) -> None:
    problem = replace(view, problem="Cochez la phrase.", problem_field="consent", name="Jeanne")
    root = page(render(problem, "fr", PageState.OPEN))
    ids = [node.get("id") for node in root.xpath("//*[@id]")]
    assert len(ids) == len(set(ids))
    for field in root.xpath("//input[not(@type='hidden')] | //textarea"):
        assert root.xpath(f"//label[@for='{field.get('id')}']")
    for node in root.xpath("//*[@aria-describedby or @aria-labelledby]"):
        assert (node.get("aria-describedby") or node.get("aria-labelledby")) in ids
    for link in root.xpath("//a[starts-with(@href, '#')]/@href"):
        assert link[1:] in ids
    assert root.xpath("//*[@role='alert']//a[@href='#consent']")
    assert root.xpath("//input[@id='name']/@value") == ["Jeanne"]
    assert root.xpath("//input[@id='consent']/@aria-invalid") == ["true"]


def test_text_of_people_is_never_markup(view: OrderView) -> None:
    hostile = '"><script>alert(1)</script>{{ 7 * 7 }}'
    order = replace(view.order, note=hostile, buyer=replace(view.order.buyer, name=hostile))
    attacked = replace(view, order=order, activity_name=hostile, name=hostile, problem=hostile)
    root = page(render(attacked, "fr", PageState.OPEN))
    assert root.findall(".//script") == []
    assert "49" not in root.text_content()


def test_the_page_loads_nothing_and_its_policy_allows_only_its_own_style(view: OrderView) -> None:
    text = render(view, "fr", PageState.OPEN)
    root = page(text)
    assert root.xpath("//script | //link | //img | //iframe | //@style | //@onclick | //*[@src]") == []
    [style] = re.findall(r"<style>(.*?)</style>", text, flags=re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in headers()["Content-Security-Policy"]
    assert "url(" not in style
    assert "@import" not in style


def test_the_style_keeps_text_readable() -> None:
    page_text = render(None, "en", PageState.INVALID)
    colors = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", page_text))
    for front, back in (
        ("ink", "wash"),
        ("soft", "wash"),
        ("soft", "paper"),
        ("accent", "paper"),
        ("bad", "paper"),
    ):
        assert _contrast(colors[front], colors[back]) >= 4.5, (front, back)
    assert _contrast(colors["focus"], colors["paper"]) >= 3


def test_an_invalid_link_tells_nothing_about_any_order() -> None:
    text = render(None, "de", PageState.INVALID)
    assert "Dieser Link funktioniert nicht" in text
    assert page(text).forms == []
    assert "ne fonctionne pas" in render(None, "fr", PageState.INVALID)
    assert render(None, "pl", PageState.EXPIRED)


def test_the_state_of_the_page_follows_the_order() -> None:
    yes = confirm(sent(), by=ConfirmedBy.BUYER, name="J", consent="c", today=SENT)
    assert state_of(an_order(), SENT) is PageState.INVALID
    assert state_of(sent(), SENT) is PageState.OPEN
    assert state_of(sent(), date(2026, 7, 1)) is PageState.EXPIRED
    assert state_of(yes, date(2026, 7, 1)) is PageState.CONFIRMED
    assert state_of(refuse(sent(), reason="", today=SENT), SENT) is PageState.REFUSED
    assert state_of(cancel(yes, reason="", done={}, today=SENT), SENT) is PageState.CANCELLED


@pytest.mark.parametrize("language", ["fr", "nl", "en", "de"])
def test_the_buyer_of_a_cancelled_order_reads_since_when_and_what_is_still_invoiced(
    view: OrderView, language: str
) -> None:
    yes = confirm(sent(), by=ConfirmedBy.BUYER, name="J", consent="c", today=SENT)
    before = cancel(yes, reason="", done={}, today=date(2026, 6, 20))
    during = cancel(yes, reason="", done={"1": Decimal("2.5")}, today=date(2026, 7, 10))
    nothing, part = (
        render(replace(view, order=order), language, PageState.CANCELLED) for order in (before, during)
    )
    assert page(nothing).forms == page(part).forms == []
    assert "250" in part
    assert "250" not in nothing
    assert "20" in nothing


def test_every_element_that_opens_closes(view: OrderView) -> None:
    text = render(view, "en", PageState.OPEN)
    names = "section|main|header|nav|footer|form|table|dl|ul|details|div|p|a"
    assert sorted(re.findall(rf"<({names})\b", text)) == sorted(re.findall(rf"</({names})>", text))


def _contrast(front: str, back: str) -> float:
    lighter, darker = sorted((_luminance(front), _luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
