"""The e-invoice network, through an access point: look up a receiver, send a document, ask where it is."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import httpx

from commons.effects import NotSent, Rejected
from invoicing.domain.party import Identifier

TIMEOUT_SECONDS: Final = 10.0
REASON_CHARACTERS_MAX: Final = 300
_TRY_LATER: Final = (429, 503)

INVOICE_DOCUMENT: Final = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice"
CREDIT_NOTE_DOCUMENT: Final = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2::CreditNote"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a document is: `accepted` by the network, `delivered` to the receiver, `failed` with a reason."""

    state: str
    evidence: Mapping[str, Any]
    reason: str = ""


class EInvoiceNetwork:
    """An access point. Sending is harmless to repeat: a guid names one document for ever."""

    def __init__(self, http: httpx.AsyncClient, base_url: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")

    async def receives(self, participant: Identifier, kind: str) -> bool:
        """Whether a participant takes documents of a kind ("invoice", "credit_note").

        Raises NotSent, Rejected.
        """
        response = await self._call(
            "GET", "/lookup", params={"scheme": participant.scheme, "id": participant.value}
        )
        return bool(response["registered"]) and kind in response["document_types"]

    async def send(
        self, *, guid: UUID, sender: Identifier, receiver: Identifier, document_type: str, xml: bytes
    ) -> str:
        """Hand over a document; the network's reference. Raises NotSent, Rejected."""
        response = await self._call(
            "POST",
            "/documents",
            json={
                "idempotency_guid": str(guid),
                "sender": {"scheme": sender.scheme, "id": sender.value},
                "receiver": {"scheme": receiver.scheme, "id": receiver.value},
                "document_type": document_type,
                "xml": base64.b64encode(xml).decode(),
            },
        )
        return str(response["id"])

    async def delivery(self, reference: str) -> Delivery:
        """Where a document is now. Raises NotSent, Rejected."""
        response = await self._call("GET", f"/documents/{reference}")
        return Delivery(
            state=str(response["state"]),
            evidence=response.get("evidence") or {},
            reason=str(response.get("reason") or ""),
        )

    async def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            response = await self._http.request(
                method, f"{self._base_url}{path}", timeout=TIMEOUT_SECONDS, **options
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
            raise NotSent(type(fault).__name__) from None
        if response.status_code in _TRY_LATER:
            raise NotSent(f"HTTP {response.status_code}")
        if response.is_client_error:
            raise Rejected(_reason(response))
        response.raise_for_status()  # whether it was done is unknown
        found: dict[str, Any] = response.json()
        return found


def _reason(response: httpx.Response) -> str:
    """What the problem document says (RFC 9457), or the status alone."""
    try:
        problem = response.json()
        words = [str(problem[field]) for field in ("title", "detail") if problem.get(field)]
    except (ValueError, AttributeError):
        words = []
    return (": ".join(words) or f"HTTP {response.status_code}")[:REASON_CHARACTERS_MAX]
