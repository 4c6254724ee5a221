"""Two pictures for the story's page: where the money of an invoice went, and a balance over the weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

WIDTH = 340
FLOW_HEIGHT, FLOW_GAP, FLOW_TOP = 330, 14, 8
LABEL_HEIGHT = 31
LEFT, BAR, RIGHT = 0, 14, 158
CHART_HEIGHT, CHART_TOP, CHART_LEFT, CHART_BOTTOM = 210, 14, 46, 30
CHART_PADDING = 14
TICKS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sum, with the name of its color in the page's style."""

    name: str
    amount: Decimal
    color: str
    explanation: str
    # What the page says of a figure that no public source gives.
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A balance from a day on."""

    day: date
    kind: str
    amount: Decimal
    balance: Decimal


def flow(total: Decimal, parts: Sequence[Part]) -> str:
    """An inline SVG in which each part is as high as its amount; the parts must add up to the total."""
    assert sum(part.amount for part in parts) == total, "every euro goes somewhere"
    scale = FLOW_HEIGHT / float(total)
    height = FLOW_TOP + FLOW_HEIGHT + FLOW_GAP * (len(parts) - 1) + LABEL_HEIGHT // 2
    shapes, labels = [], []
    left = FLOW_TOP + FLOW_GAP * (len(parts) - 1) / 2
    right, lowest_label = float(FLOW_TOP), 0.0
    for part in parts:
        size = float(part.amount) * scale
        middle = (LEFT + BAR + RIGHT) / 2
        shapes.append(
            f'<path class="ribbon {part.color}" d="M{LEFT + BAR},{left:.1f} '
            f"C{middle},{left:.1f} {middle},{right:.1f} {RIGHT},{right:.1f} "
            f"V{right + size:.1f} "
            f'C{middle},{right + size:.1f} {middle},{left + size:.1f} {LEFT + BAR},{left + size:.1f} Z"/>'
        )
        shapes.append(_bar(LEFT, left, size, part.color))
        shapes.append(_bar(RIGHT, right, size, part.color))
        at = max(right + size / 2, lowest_label + LABEL_HEIGHT)
        lowest_label = at
        labels.append(
            f'<text x="{RIGHT + BAR + 8}" y="{at - 2:.1f}"><tspan class="name">{escape(part.name)}</tspan>'
            f'<tspan x="{RIGHT + BAR + 8}" dy="14">{part.amount:,.2f} EUR</tspan></text>'
        )
        left += size
        right += size + FLOW_GAP
    return _svg(
        f"Where the {total:,.2f} EUR of the invoice went",
        "; ".join(f"{part.name}: {part.amount:,.2f} EUR" for part in parts),
        max(height, int(lowest_label) + LABEL_HEIGHT // 2),
        shapes + labels,
    )


def balance(steps: Sequence[Step], last_day: date) -> str:
    """An inline SVG of a balance that changes by steps, from the first step to the last day."""
    first_day = steps[0].day
    days = max((last_day - first_day).days, 1)
    top = _round_up(max(step.balance for step in steps))
    width, height = WIDTH - CHART_LEFT - 2 * CHART_PADDING, CHART_HEIGHT - CHART_TOP - CHART_BOTTOM

    def x(day: date) -> float:
        return CHART_LEFT + CHART_PADDING + width * (day - first_day).days / days

    def y(amount: Decimal) -> float:
        return CHART_TOP + height * (1 - float(amount / top))

    shapes = []
    for number in range(TICKS + 1):
        amount = top * number / TICKS
        shapes.append(
            f'<path class="grid" d="M{CHART_LEFT},{y(amount):.1f} H{WIDTH}"/>'
            f'<text class="tick" text-anchor="end" x="{CHART_LEFT - 5}" y="{y(amount) + 4:.1f}">{amount:,.0f}</text>'
        )
    for day in _months(first_day, last_day):
        shapes.append(
            f'<path class="grid" d="M{x(day):.1f},{CHART_TOP} V{CHART_TOP + height}"/>'
            f'<text class="tick" text-anchor="middle" x="{x(day):.1f}" y="{CHART_HEIGHT - 12}">{day:%d %b}</text>'
        )
    line = f"M{x(first_day):.1f},{y(steps[0].balance):.1f}"
    for step in steps[1:]:
        line += f" H{x(step.day):.1f} V{y(step.balance):.1f}"
    line += f" H{x(last_day):.1f}"
    floor = y(Decimal(0))
    shapes.append(f'<path class="area" d="{line} V{floor:.1f} H{x(first_day):.1f} Z"/>')
    shapes.append(f'<path class="line" d="{line}"/>')
    for number, step in enumerate(steps, start=1):
        shapes.append(
            f'<circle class="dot" cx="{x(step.day):.1f}" cy="{y(step.balance):.1f}" r="8"/>'
            f'<text class="dot-number" text-anchor="middle" x="{x(step.day):.1f}" '
            f'y="{y(step.balance) + 3.5:.1f}">{number}</text>'
        )
    told = "; ".join(f"{step.day}: {step.balance:,.2f} EUR ({step.kind})" for step in steps)
    return _svg("The balance of the fund over the weeks", told, CHART_HEIGHT, shapes)


def _svg(title: str, description: str, height: int, shapes: Sequence[str]) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {height}"><title>{escape(title)}</title>'
        f"<desc>{escape(description)}</desc>{''.join(shapes)}</svg>"
    )


def _bar(x: float, y: float, height: float, color: str) -> str:
    return f'<rect class="{color}" x="{x}" y="{y:.1f}" width="{BAR}" height="{height:.1f}"/>'


def _round_up(amount: Decimal) -> Decimal:
    unit = Decimal(10) ** max(len(str(int(amount))) - 1, 0) / 5
    return -(-amount // unit) * unit


def _months(first: date, last: date) -> list[date]:
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day.day == 1]
