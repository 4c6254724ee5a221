"""How each authority takes the declarations about a hire, by the format that the country's data names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import orjson

from payroll.adapters.authority import DEUEV, DIMONA, DPAE, ELDA, NAV_08E, RED, UNILAV, Channel
from payroll.documents import deuev_notice, dpae, elda, nav_08e, red_registration, unilav
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


NOTHING: Final = "none"


def hire_rule(law: PayrollLaw, day: date, regime: str | None = None) -> Rule:
    """How a hire that begins on a day is declared: as its regime is, else as all are.

    Raises ValueNotInForce.
    """
    own = None if regime is None else law.find(f"hire_declaration_of.{regime}", day)
    return own or law.rule("hire_declaration", day)


def is_hire_declared(law: PayrollLaw, day: date, regime: str | None = None) -> bool:
    """Whether an authority is told before work begins on a day; elsewhere the first return names the worker.

    Raises ValueNotInForce.
    """
    return hire_rule(law, day, regime).text("format") != NOTHING


def hire_form(law: PayrollLaw, day: date, regime: str | None = None) -> HireForm:
    """The form for a hire that begins on a day. Raises HireFormatUnknown, ValueNotInForce."""
    name = hire_rule(law, day, regime).text("format")
    if name not in FORMS:
        raise HireFormatUnknown(format=name, country=law.country.code)
    return FORMS[name]


FORMS: Final[Mapping[str, HireForm]] = {
    "deuev_export": HireForm(
        DEUEV,
        hire=lambda hire, rule: deuev_notice.hire_declaration(hire),
        cancel=deuev_notice.cancellation,
        end=deuev_notice.end,
    ),
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
    "elda": HireForm(
        ELDA,
        hire=lambda hire, rule: elda.NOTICES.hire_declaration(hire),
        cancel=elda.NOTICES.cancellation,
        end=elda.NOTICES.end,
    ),
    "nav_08e": HireForm(
        NAV_08E,
        hire=lambda hire, rule: nav_08e.hire_declaration(hire),
        cancel=nav_08e.cancellation,
        end=lambda period_id, last_day: nav_08e.end(period_id, last_day.isoformat()),
    ),
    "red_registration": HireForm(
        RED,
        hire=lambda hire, rule: red_registration.NOTICES.hire_declaration(hire),
        cancel=red_registration.NOTICES.cancellation,
        end=red_registration.NOTICES.end,
    ),
    "unilav": HireForm(
        UNILAV,
        hire=lambda hire, rule: unilav.hire_declaration(hire),
        cancel=unilav.cancellation,
        end=unilav.end,
    ),
}
