"""What an operations team sees of a running cell: its metrics are the list's, and a wage can be followed back."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.seeing.metrics import API, GATEWAY, WORKER, all_metrics, exposed_names
from tests.e2e.addresses import SERVICES, Addresses
from tests.e2e.client import Door
from tests.e2e.story import Story
from tests.e2e.traces import FILE, ExportedSpan, spans_of
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

PROGRAMS = [
    (GATEWAY, GATEWAY),
    *((service, process) for service in SERVICES for process in (API, WORKER)),
]
TRACES_FOLLOWED_MAX = 20


@pytest.mark.parametrize(("service", "process"), PROGRAMS, ids=" ".join)
async def test_a_program_shows_the_metrics_of_the_list_and_no_others(
    service: str, process: str, story: Story, stack: Addresses, door: Door
) -> None:
    _, http = door
    base = {GATEWAY: {GATEWAY: stack.gateway}, API: stack.services, WORKER: stack.workers}[process][service]
    answer = await http.get(f"{base}/metrics")
    families = {exposed_names(each): each for each in text_string_to_metric_families(answer.text)}
    listed = {
        metric.name: metric
        for metric in all_metrics()
        if (GATEWAY in metric.programs if process == GATEWAY else metric.of(service, process))
    }
    assert families.keys() == listed.keys()
    for name, family in families.items():
        assert family.type == listed[name].kind, name
        for sample in family.samples:
            assert sample.name in listed[name].series
            assert sample.labels.keys() - {"le"} == set(listed[name].labels), name


async def test_the_promises_have_been_counted(story: Story, stack: Addresses, door: Door) -> None:
    """The figures that the service levels are judged by move when something happens."""
    _, http = door

    async def value(base: str, name: str, **labels: str) -> float:
        text = (await http.get(f"{base}/metrics")).text
        samples = [
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        assert samples, f"{name} {labels} is shown"
        return sum(samples)

    assert await value(stack.gateway, "gateway_requests_total", kind="mutation", outcome="ok") > 0
    assert await value(stack.gateway, "gateway_request_seconds_count") > 0
    assert await value(stack.services["invoicing"], "capability_seconds_count", outcome="ok") > 0
    assert await value(stack.services["invoicing"], "capability_seconds_count", outcome="refused") > 0
    assert await value(stack.workers["invoicing"], "invoice_sent_seconds_count") > 0
    for service in SERVICES[1:]:
        assert await value(stack.workers[service], "event_age_seconds_count") > 0, service
        assert await value(stack.workers[service], "events_handled_total", outcome="contradiction") == 0
    for service in SERVICES:
        assert await value(stack.workers[service], "migrations_missing") == 0
        assert await value(stack.workers[service], "schema_info") == 1


async def test_a_wage_can_be_followed_back_to_the_mutation_that_it_began_with(
    story: Story, stack: Addresses
) -> None:
    """Within a trace from service to service; over the weeks between its steps from link to link."""
    if not (stack.run_dir / FILE).is_file():
        pytest.skip("not run: the stack was started without a collector of traces")

    async def followed() -> list[ExportedSpan]:
        spans = spans_of(stack.run_dir)
        ends = [span for span in spans if (span.service, span.name) == ("payroll", "effect bank.pay")]
        return _history(spans, {ends[0].trace}) if ends else []

    def from_mutation_to_wage(history: list[ExportedSpan]) -> bool:
        seen = {(span.service, span.name) for span in history}
        return {
            ("gateway", "mutation RequestContract"),
            ("payroll", "request_contract"),
            ("payroll", "effect dimona.declare"),
            ("payroll", "end_contract"),
            ("payroll", "compute_payslip"),
            ("guarantee", "process payroll.PayslipComputed.v1"),
            ("guarantee", "deadline wage_due"),
            ("payroll", "process guarantee.WageFunded.v1"),
            ("payroll", "effect bank.pay"),
        } <= seen

    await until("the whole way of a wage was exported", followed, from_mutation_to_wage)


async def test_one_mutation_is_one_trace_through_every_service_that_heard_of_it(
    story: Story, stack: Addresses
) -> None:
    if not (stack.run_dir / FILE).is_file():
        pytest.skip("not run: the stack was started without a collector of traces")

    async def services() -> set[str]:
        spans = spans_of(stack.run_dir)
        of = {span.trace for span in spans if (span.service, span.name) == ("invoicing", "confirm_order")}
        return {span.service for span in spans if span.trace in of}

    await until(
        "the trace of a confirmed order went through the cell",
        services,
        lambda seen: seen >= {"gateway", "invoicing", "guarantee", "payroll"},
    )


def test_every_line_about_a_capability_says_who_where_what_and_how_it_ended(
    story: Story, stack: Addresses
) -> None:
    lines = [line for service in SERVICES for line in _capability_lines(stack, service)]
    assert len(lines) > 50, "the search reads the logs"
    for line in lines:
        assert line["request_id"], line
        assert line["country"] == stack.country.lower()
        assert line["service"] in SERVICES
        assert line["outcome"] in ("ok", "refused", "failed")
        assert ("code" in line) == (line["outcome"] == "refused")
        # Nothing else: an argument may be a person's.
        allowed = {"ts", "level", "service", "process", "country", "logger", "msg", "trace_id", "capability"}
        assert line.keys() <= allowed | {"outcome", "code", "milliseconds", "request_id"}


def _history(spans: list[ExportedSpan], traces: set[str]) -> list[ExportedSpan]:
    """The spans of these traces and of those that they link to, and so on."""
    for _ in range(TRACES_FOLLOWED_MAX):
        linked = {link for span in spans if span.trace in traces for link in span.links}
        if linked <= traces:
            break
        traces = traces | linked
    return [span for span in spans if span.trace in traces]


def _capability_lines(stack: Addresses, service: str) -> list[Mapping[str, str]]:
    found = []
    for file in (stack.run_dir / "logs").glob(f"{service}*.log"):
        for text in file.read_text(errors="replace").splitlines():
            if '"logger":"capability"' in text:
                found.append(json.loads(text[text.index("{") :]))
    return found
