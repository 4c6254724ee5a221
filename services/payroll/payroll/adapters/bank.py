"""Send payment files to the bank and ask what became of them."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import httpx

from commons.effects import NotSent, Rejected
from payroll.documents.pain002 import SIZE_BYTES_MAX

PAYMENTS_PATH: Final = "/payments"


class BankUnclear(Exception):
    """The bank answered what tells nothing: it is asked again."""


class Bank:
    """The bank as the payer sees it. The file itself is never in an error or a log."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url.rstrip("/")

    async def pay(self, document: bytes) -> None:
        """Send a payment file (pain.001); the bank knows a repetition by its message id.

        Raises NotSent, Rejected, or anything else where it is unknown whether it arrived.
        """
        try:
            answer = await self._http.post(
                self._url + PAYMENTS_PATH, content=document, headers={"Content-Type": "application/xml"}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotSent(type(error).__name__) from error
        if answer.is_success:
            return
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise Rejected("the bank cannot read the file")
        # 409 too: another file went under this id, and only its status can tell what was paid.
        raise BankUnclear(f"the bank answered {answer.status_code}")

    async def status(self, message_id: str) -> bytes | None:
        """The bank's report about a file (pain.002); nothing where it has never heard of it."""
        answer = await self._http.get(f"{self._url}{PAYMENTS_PATH}/{quote(message_id, safe='')}/status")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.status_code != httpx.codes.OK or len(answer.content) > SIZE_BYTES_MAX:
            raise BankUnclear(f"the bank answered {answer.status_code}")
        return answer.content
