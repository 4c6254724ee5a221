"""What a rule has against a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

FATAL: Final = "fatal"
WARNING: Final = "warning"

# Stored with every document that passed.
RULE_SET: Final = "UBL 2.1, EN 16931 1.3.16, Peppol BIS Billing 3.0.21 (2026.5), own 1"

Layer = Literal["xml", "xsd", "en16931", "peppol", "own"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired: its id, the layer it belongs to, whether it is fatal, what and where."""

    rule: str
    layer: Layer
    severity: str
    message: str
    location: str = ""

    @property
    def is_fatal(self) -> bool:
        """Whether the document may not be sent."""
        return self.severity == FATAL
