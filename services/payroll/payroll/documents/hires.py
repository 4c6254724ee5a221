"""How each authority takes the declarations about a hire, by the format that the country's data names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import orjson

from payroll.adapters.authority import DIMONA, DPAE, NAV_08E, Channel
from payroll.documents import dpae, nav_08e
from payroll.domain.declaration import Hire, cancel_body, hire_body, out_body
from payroll.domain.errors import HireFormatUnknown
from payroll.domain.law import PayrollLaw, Rule


@dataclass(frozen=True, slots=True)
class HireForm:
    """The documents of one format, and where they go.

    Without `end` the authority is told of an earlier end by another declaration than that of hires.
    """

    channel: Channel
    hire: Callable[[Hire, Rule], bytes]
    cancel: Callable[[str], bytes]
    end: Callable[[str, date], bytes] | None


def hire_form(law: PayrollLaw, day: date) -> HireForm:
    """The form for a hire that begins on a day. Raises HireFormatUnknown, ValueNotInForce."""
    name = law.rule("hire_declaration", day).text("format")
    if name not in FORMS:
        raise HireFormatUnknown(format=name, country=law.country.code)
    return FORMS[name]


FORMS: Final[Mapping[str, HireForm]] = {
    "dimona": HireForm(
        DIMONA,
        hire=lambda hire, rule: orjson.dumps(hire_body(hire, rule)),
        cancel=lambda period_id: orjson.dumps(cancel_body(period_id)),
        end=lambda period_id, last_day: orjson.dumps(out_body(period_id, last_day)),
    ),
    # France: the end of a contract stands in the DSN of its month.
    "dpae": HireForm(
        DPAE, hire=lambda hire, rule: dpae.hire_declaration(hire), cancel=dpae.cancellation, end=None
    ),
    "nav_08e": HireForm(
        NAV_08E,
        hire=lambda hire, rule: nav_08e.hire_declaration(hire),
        cancel=nav_08e.cancellation,
        end=lambda period_id, last_day: nav_08e.end(period_id, last_day.isoformat()),
    ),
}
