"""Which country a request is for, and which instance of a service answers a call."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from gateway.auth import Claims
from gateway.config import COUNTRIES
from gateway.errors import Code, RequestRefused
from gateway.executor import Answer, Answers, Call, Failure, Wave
from gateway.telemetry import Metrics, Span
from gateway.transport import Transport


class Asked(NamedTuple):
    """What a request says about its country; nothing where it does not say."""

    host: str
    path_country: str | None
    header: str | None


def check_country(own: str, asked: Asked, claims: Claims) -> None:
    """Refuses a request whose host, path, header and token do not all agree with this cell's country.

    A gateway serves one country, so a request that names none is for that one; one that names another is
    refused, never served and never passed on.
    """
    check_named_country(own, asked)
    if own not in claims.countries:
        raise RequestRefused(Code.COUNTRY_MISMATCH, "The token is not for this country.")


def check_named_country(own: str, asked: Asked) -> None:
    """Refuses a request whose host, path or header names another country than this cell's."""
    label = asked.host.split(":", 1)[0].split(".", 1)[0].upper()
    named = [label] if label in COUNTRIES and "." in asked.host else []
    named += [name.upper() for name in (asked.path_country, asked.header) if name is not None]
    if any(name != own for name in named):
        raise RequestRefused(Code.COUNTRY_MISMATCH, "The request is for another country.")


class Cell:
    """The services of one country. The only door from the executors to the transport."""

    def __init__(self, country: str, transport: Transport, *, seconds_max: float, metrics: Metrics) -> None:
        self.country = country
        self._transport = transport
        self._seconds_max = seconds_max
        self._metrics = metrics

    async def send(self, wave: Wave, headers: bytes, deadline: float, span: Span) -> Answers:
        """The answers to the calls of a wave, made at the same time, in their order."""
        if len(wave) == 1:
            return (await self._routed(wave[0], headers, deadline, span),)
        return tuple(await asyncio.gather(*(self._routed(call, headers, deadline, span) for call in wave)))

    async def _routed(self, call: Call, headers: bytes, deadline: float, span: Span) -> Answer:
        # One cell: entities and root fields go to the same instance. A gateway over several countries splits
        # the representations of an entity call by the country in their ids here.
        seconds = min(self._seconds_max, deadline - asyncio.get_running_loop().time())
        if seconds <= 0:
            answer: Answer = Failure(Code.TIMEOUT)
        else:
            with span.call(call.service):
                answer = await self._transport.post(
                    call.service, headers, call.body, seconds=seconds, may_retry=call.may_retry
                )
        self._metrics.call(call.service, answer.code.lower() if isinstance(answer, Failure) else "answered")
        return answer
