"""Draw the dashboards: `python -m deploy.seeing.dashboards` writes them, a test compares."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.seeing.metrics import ROOT, SERVICES, Metric, all_metrics

FOLDER: Final = ROOT / "deploy" / "helm" / "services" / "files" / "dashboards"
WIDTH, HEIGHT, COLUMNS = 12, 8, 2
SCHEMA_VERSION: Final = 39
DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
UNITS: Final = {"s": "s", "h": "h", "B": "bytes", "": "short"}
HERE: Final = 'country=~"$country"'


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing: its title, its unit, and the queries with their legends."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]


def dashboards() -> Mapping[str, Any]:
    """Each dashboard by the name of its file."""
    metrics = all_metrics()
    drawn = {"promises": _dashboard("Promises to the members", _promises())}
    drawn["gateway"] = _dashboard("gateway", _gateway())
    for service in SERVICES:
        own = [each for each in metrics if f"{service} worker" in each.programs]
        drawn[service] = _dashboard(service, [*_service(service), *(_figure(each) for each in own)])
    return {f"{name}.json": each for name, each in drawn.items()}


def text_of(dashboard: Any) -> str:
    """As it is committed."""
    return json.dumps(dashboard, indent=1, ensure_ascii=False) + "\n"


def _promises() -> Sequence[Panel]:
    failed = f'sum by (country) (rate(gateway_requests_total{{{HERE}, outcome="failed"}}[1h]))'
    asked = f"sum by (country) (rate(gateway_requests_total{{{HERE}}}[1h]))"
    return [
        Panel(
            "Requests that failed (0.1 % is allowed)",
            "percentunit",
            ((f"{failed} / {asked}", "{{country}}"),),
        ),
        Panel(
            "Duration of requests, 95th percentile (500 ms)",
            "s",
            ((_p95("gateway_request_seconds", "country"), "{{country}}"),),
        ),
        Panel(
            "Events handled later than after 60 s (1 % is allowed)",
            "percentunit",
            ((_later("event_age_seconds", "60.0", "country, service"), "{{country}} {{service}}"),),
        ),
        Panel(
            "Invoices that left later than after 5 minutes (1 % is allowed)",
            "percentunit",
            ((_later("invoice_sent_seconds", "300.0", "country"), "{{country}}"),),
        ),
        Panel(
            "Hours until the first due day of a wage that lacks something",
            "h",
            tuple(
                (f"min by (country) ({name}{{{HERE}}}) < Inf", f"{{{{country}}}} {says}")
                for name, says in (
                    ("wages_without_payslip_due_hours", "no payslip"),
                    ("wages_unbacked_due_hours", "no money"),
                    ("wages_unfunded_due_hours", "not funded"),
                    ("wages_unpaid_due_hours", "not paid"),
                )
            ),
        ),
        Panel(
            "Wages due today or earlier",
            "short",
            (
                (f"max by (country) (wages_due_unfunded{{{HERE}}})", "{{country}} not funded"),
                (f"max by (country) (wages_due_unpaid{{{HERE}}})", "{{country}} not paid"),
            ),
        ),
    ]


def _gateway() -> Sequence[Panel]:
    return [
        Panel("Requests", "reqps", ((_rate("gateway_requests_total", "outcome", ""), "{{outcome}}"),)),
        Panel(
            "Duration, 95th percentile", "s", ((_p95("gateway_request_seconds", "country"), "{{country}}"),)
        ),
        Panel(
            "Calls to services",
            "reqps",
            ((_rate("gateway_subgraph_calls_total", "subgraph, outcome", ""), "{{subgraph}} {{outcome}}"),),
        ),
        Panel(
            "Plans",
            "reqps",
            (
                (_rate("gateway_executions_total", "executor", ""), "{{executor}}"),
                (_rate("gateway_fallbacks_total", "reason", ""), "handed over: {{reason}}"),
            ),
        ),
        Panel("Documents", "reqps", ((_rate("gateway_documents_total", "outcome", ""), "{{outcome}}"),)),
        Panel(
            "Planner",
            "short",
            (
                (f"min by (country) (gateway_planner_running{{{HERE}}})", "{{country}} runs"),
                (f"max by (country) (gateway_planner_starts{{{HERE}}})", "{{country}} starts"),
            ),
        ),
        *_programs("gateway"),
    ]


def _pay_runs() -> Sequence[Panel]:
    return [
        Panel(
            "Pay runs under way: payslips",
            "short",
            tuple(
                (f"max by (country) (pay_run_payslips_{state}{{{HERE}}})", f"{{{{country}}}} {state}")
                for state in ("waiting", "done", "failed")
            ),
        ),
        Panel(
            "Payslips of pay runs under way, each minute",
            "short",
            # Falls to nothing where the worker that computes them is gone, while some wait.
            ((f"max by (country) (60 * deriv(pay_run_payslips_done{{{HERE}}}[5m]))", "{{country}}"),),
        ),
    ]


def _service(service: str) -> Sequence[Panel]:
    mine = f', service="{service}"'
    return [
        *(_pay_runs() if service == "payroll" else ()),
        Panel(
            "Capabilities",
            "ops",
            ((_rate("capability_seconds_count", "process, outcome", mine), "{{process}} {{outcome}}"),),
        ),
        Panel(
            "Refused and failed",
            "ops",
            (
                (
                    _rate("capability_seconds_count", "capability, outcome", f'{mine}, outcome!="ok"'),
                    "{{capability}} {{outcome}}",
                ),
            ),
        ),
        Panel(
            "Duration of capabilities, 95th percentile",
            "s",
            ((_p95("capability_seconds", "capability", mine), "{{capability}}"),),
        ),
        Panel(
            "Age of events when handled, 95th percentile",
            "s",
            ((_p95("event_age_seconds", "topic", mine), "{{topic}}"),),
        ),
        Panel(
            "Events",
            "ops",
            (
                (_rate("events_handled_total", "outcome", mine), "{{outcome}}"),
                (_rate("events_published_total", "country", mine), "{{country}} published"),
            ),
        ),
        Panel(
            "Age of what waits",
            "s",
            (
                (_max("outbox_oldest_unpublished_seconds", "country", mine), "{{country}} outbox"),
                (_max("consumer_lag_seconds", "topic", mine), "{{topic}}"),
                (_max("effects_oldest_seconds", "kind, state", mine), "{{kind}} {{state}}"),
            ),
        ),
        Panel(
            "What should be nothing",
            "short",
            tuple(
                (_max(name, "country", mine), f"{{{{country}}}} {name}")
                for name in (
                    "deadlines_failing",
                    "ledger_failures",
                    "holds_without_process",
                    "migrations_missing",
                    "reconciliation_differences",
                    "watchdog_exits_total",
                )
            ),
        ),
        Panel("Parked aggregates", "short", ((_max("parked_keys", "kind", mine), "{{kind}}"),)),
        Panel(
            "Effects that wait",
            "short",
            ((_max("effects_waiting", "kind, state", mine), "{{kind}} {{state}}"),),
        ),
        Panel(
            "Schema that each program was built for",
            "short",
            (
                (
                    f"count by (country, process, migration) (schema_info{{{HERE}{mine}}})",
                    "{{country}} {{process}} {{migration}}",
                ),
            ),
        ),
        *_programs(service),
    ]


def _programs(service: str) -> Sequence[Panel]:
    mine = f', service="{service}"'
    return [
        Panel(
            "CPU",
            "short",
            ((_rate("process_cpu_seconds_total", "country, process", mine), "{{country}} {{process}}"),),
        ),
        Panel(
            "Memory of a pod",
            "bytes",
            ((_max("process_resident_memory_bytes", "country, process, pod", mine), "{{pod}}"),),
        ),
    ]


def _figure(metric: Metric) -> Panel:
    if metric.kind == "histogram":
        return Panel(metric.meaning, UNITS[metric.unit], ((_p95(metric.name, "country"), "{{country}}"),))
    return Panel(
        metric.meaning,
        UNITS[metric.unit],
        ((f"max by (country) ({metric.name}{{{HERE}}}) < Inf", "{{country}}"),),
    )


def _rate(metric: str, by: str, where: str) -> str:
    return f"sum by ({by}) (rate({metric}{{{HERE}{where}}}[5m]))"


def _max(metric: str, by: str, where: str) -> str:
    return f"max by ({by}) ({metric}{{{HERE}{where}}})"


def _p95(histogram: str, by: str, where: str = "") -> str:
    return f"histogram_quantile(0.95, sum by ({by}, le) (rate({histogram}_bucket{{{HERE}{where}}}[5m])))"


def _later(histogram: str, le: str, by: str) -> str:
    early = f'sum by ({by}) (rate({histogram}_bucket{{{HERE}, le="{le}"}}[1h]))'
    return f"1 - {early} / sum by ({by}) (rate({histogram}_count{{{HERE}}}[1h]))"


def _dashboard(title: str, panels: Sequence[Panel]) -> Any:
    return {
        "uid": f"partage-{title.split()[0].lower()}",
        "title": f"Partage: {title}",
        "tags": ["partage"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {"name": "datasource", "type": "datasource", "query": "prometheus"},
                {
                    "name": "country",
                    "type": "query",
                    "datasource": DATASOURCE,
                    "query": "label_values(schema_info, country)",
                    "refresh": 2,
                    "multi": True,
                    "includeAll": True,
                },
            ]
        },
        "panels": [_drawn(number, panel) for number, panel in enumerate(panels)],
    }


def _drawn(number: int, panel: Panel) -> Any:
    row, column = divmod(number, COLUMNS)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": DATASOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": DATASOURCE, "expr": query, "legendFormat": legend}
            for place, (query, legend) in enumerate(panel.queries)
        ],
    }


def write(folder: Path = FOLDER) -> None:
    """Write them all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, dashboard in dashboards().items():
        (folder / name).write_text(text_of(dashboard), encoding="utf-8")


if __name__ == "__main__":
    write()
