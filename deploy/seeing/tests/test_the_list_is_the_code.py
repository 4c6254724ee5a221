"""The committed list of metrics is what the code declares."""

from __future__ import annotations

import os

from deploy.seeing.metrics import LIST, SERVICES, all_metrics, table


def test_the_committed_list_is_what_the_code_declares() -> None:
    made = table(all_metrics())
    if os.environ.get("REWRITE_COMMITTED"):
        LIST.write_text(made, encoding="utf-8")
    assert LIST.read_text(encoding="utf-8") == made, "run `make schema`"


def test_each_metric_says_what_it_means_and_who_shows_it() -> None:
    for metric in all_metrics():
        assert metric.meaning, metric.name
        assert metric.programs, metric.name
        assert metric.kind in ("counter", "gauge", "histogram", "info"), metric


def test_what_the_promises_are_judged_by_is_there() -> None:
    """Answers, events, wages and invoices: the four promises of the service levels."""
    names = {metric.name: metric for metric in all_metrics()}
    assert names["gateway_requests_total"].labels == ("kind", "outcome")
    assert names["event_age_seconds"].programs == ("worker",)
    assert names["wages_without_payslip_due_hours"].unit == "h"
    assert names["invoice_sent_seconds"].programs == ("invoicing worker",)
    assert names["capability_seconds"].programs == ("api", "worker")
    assert {service for service in SERVICES if names["wages_unbacked"].of(service, "worker")} == {"guarantee"}
