"""Spain's return of income tax withheld (modelo 111), as the boxes of the form.

The boxes of income from work are 01 (recipients), 02 (pay) and 03 (withheld); 28 adds all withholdings up and
30 is what is paid. Shape unverified: the record design of the tax agency was not at hand, so the file is a
list of boxes.
"""

from __future__ import annotations

from typing import Final

from commons.money import Money, total
from payroll.documents.return_text import UNVERIFIED, ReturnFile, alphanumeric, latin1, padded
from payroll.domain.periodic_return import Form, PeriodicReturn, declared_at, declared_by_place

AMOUNT_DIGITS: Final = 17  # cents
RECIPIENTS: Final = "01"


def write_modelo_111(wages: PeriodicReturn, form: Form) -> tuple[ReturnFile, ...]:
    """One line a box, amounts in cents with leading zeros.

    Raises ReturnLineWithoutPlace, ReturnFieldUnfit.
    """
    tax_number = alphanumeric(wages.declarant.enterprise_number, 9)
    quarter = (wages.period.start.month + 2) // 3
    boxes = declared_at(declared_by_place(wages.records, form), "box")
    nothing = Money.zero(wages.currency)
    pay, withheld = boxes.get("02", nothing), boxes.get("03", nothing)
    withheld_in_all = total([amount for code, amount in boxes.items() if code != "02"], wages.currency)
    lines = [
        f"# {UNVERIFIED}",
        f"NIF={tax_number}",
        f"NOMBRE={latin1(wages.declarant.name, 60)}",
        f"EJERCICIO={wages.period.start.year}",
        f"PERIODO={quarter}T",
        f"{RECIPIENTS}={padded(len(wages.workers), 9, RECIPIENTS)}",
    ]
    lines += [
        f"{code}={padded(amount.minor, AMOUNT_DIGITS, code)}"
        for code, amount in (("02", pay), ("03", withheld), ("28", withheld_in_all), ("30", withheld_in_all))
    ]
    name = f"111_{tax_number}_{wages.period.start.year}_{quarter}T.txt"
    return (ReturnFile(name, "".join(f"{line}\r\n" for line in lines).encode("latin-1")),)
