"""Layer 4: core objects against the schemas of Kubernetes itself. A net with wide holes: see `meaning.py`."""

from __future__ import annotations

from typing import Final

import kubernetes_validate

from deploy.helm.tests.rendering import Object

KUBERNETES: Final = "1.37"
_GROUPS: Final = ("v1", "apps/v1", "batch/v1", "autoscaling/v2", "policy/v1", "networking.k8s.io/v1")


def is_core(each: Object) -> bool:
    """Whether Kubernetes itself defines it. Anything else this layer would let pass without a look."""
    return each["apiVersion"] in _GROUPS


def faults(each: Object) -> list[str]:
    """What the schema says is wrong with a core object."""
    try:
        kubernetes_validate.validate(each, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{each['kind']} {each['metadata'].get('name')}: {error.message}"]
    return []
