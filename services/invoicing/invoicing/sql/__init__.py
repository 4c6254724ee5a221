"""The statements of this service, by name."""

from pathlib import Path
from typing import Final

from commons.sql import load

SQL: Final = load(Path(__file__).parent)
