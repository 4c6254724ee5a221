"""Refuses to start the rule engine where it would abort the process."""

from __future__ import annotations

import resource

from invoicing.domain.errors import AddressSpaceLimited


def check_address_space() -> None:
    """Raises AddressSpaceLimited: the engine reserves 32 GiB of addresses or aborts the process."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        raise AddressSpaceLimited(limit_bytes=soft)
