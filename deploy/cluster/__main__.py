"""`python -m deploy.cluster build` builds the control plane; `why-not` says why its layers cannot run."""

from __future__ import annotations

import sys

from deploy.cluster.build import NotRun, build, why_not


def main(arguments: list[str]) -> int:
    """Exit status: 0, or 1 where the layers cannot run."""
    if arguments == ["why-not"]:
        reason = why_not()
        print(reason or "layers 6, 7: ready, `make test-cluster` runs them")
        return 0 if reason is None else 1
    if arguments != ["build"]:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(build())
    except NotRun as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
