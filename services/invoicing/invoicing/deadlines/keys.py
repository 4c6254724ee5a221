"""The kinds of deadline, so that whoever schedules one need not load its handler."""

from __future__ import annotations

from typing import Final

INVOICE_OVERDUE: Final = "invoice_overdue"
