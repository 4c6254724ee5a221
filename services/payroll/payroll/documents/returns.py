"""The documents of periodic returns by the name that a country's data gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from payroll.documents.agi import write_agi
from payroll.documents.deuev_export import write_deuev_export
from payroll.documents.dmfa import write_dmfa
from payroll.documents.dsn import write_dsn
from payroll.documents.loonaangifte import write_loonaangifte
from payroll.documents.mbgm import write_mbgm
from payroll.documents.modelo_111 import write_modelo_111
from payroll.documents.nav_return import write_nav_return
from payroll.documents.red_bases import write_red_bases
from payroll.documents.return_text import ReturnFile
from payroll.documents.uniemens import write_uniemens
from payroll.documents.wage_tax_return import write_wage_tax_return
from payroll.domain.errors import ReturnFormatUnknown
from payroll.domain.periodic_return import Form, PeriodicReturn

FORMATS: Final[dict[str, Callable[[PeriodicReturn, Form], tuple[ReturnFile, ...]]]] = {
    "agi": write_agi,
    "deuev_export": write_deuev_export,
    "dmfa": write_dmfa,
    "dsn": write_dsn,
    "loonaangifte": write_loonaangifte,
    "mbgm": write_mbgm,
    "modelo_111": write_modelo_111,
    "nav_return": write_nav_return,
    "red_bases": write_red_bases,
    "uniemens": write_uniemens,
    "wage_tax_return_export": write_wage_tax_return,
}


def write_return(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """The files of a return in the format of its country.

    Raises ReturnFormatUnknown and what the format raises.
    """
    if form.format not in FORMATS:
        raise ReturnFormatUnknown(format=form.format)
    return FORMATS[form.format](wages, form)
