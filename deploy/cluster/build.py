"""The control plane as one binary, built once from Go modules and kept under a hash of its sources.

Whatever is missing is said in a sentence; nothing that did not run counts as passed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

from deploy.helm.tests.custom_resources import DEFINITIONS
from deploy.helm.tests.rendering import ROOT

SOURCES: Final = Path(__file__).resolve().parent
STAGES: Final = DEFINITIONS / "own" / "kwok-stages.yaml"
# One binary is the program that it is called as.
PROGRAMS: Final = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "kubectl")
BUILD_SECONDS_MAX: Final = 5400
LAYERS: Final = "layers 6, 7"


class NotRun(Exception):
    """The layers of the cluster cannot run here; the text says why."""

    def __str__(self) -> str:
        return f"{LAYERS}: not run, {super().__str__()}"


def folder() -> Path:
    """Where the binary of these sources lies, or would lie."""
    text = b"".join((SOURCES / name).read_bytes() for name in ("go.mod", "go.sum", "main.go"))
    return ROOT / ".cache" / "cluster" / hashlib.sha256(text).hexdigest()[:16]


def why_not() -> str | None:
    """Why the layers cannot run now, as a sentence; None where `make test-cluster` would run them at once."""
    try:
        _require_definitions()
        if not _is_built():
            _require_go()
            raise NotRun("the control plane is not built yet: `make test-cluster` builds it.")
    except NotRun as reason:
        return str(reason)
    return None


def build() -> Path:
    """The folder with the six programs, built where they are missing. Raises NotRun."""
    _require_definitions()
    target = folder()
    if not _is_built():
        go = _require_go()
        target.mkdir(parents=True, exist_ok=True)
        print("building the control plane, once: 12 minutes on two idle cores, 3.2 GB of memory", flush=True)
        began = time.monotonic()
        version = _run(go, "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes").strip()
        stamp = f"-s -w -X k8s.io/component-base/version.gitVersion={version}"
        unfinished = target / "kube.unfinished"
        _run(go, "build", "-trimpath", "-ldflags", stamp, "-o", str(unfinished), ".")
        unfinished.rename(target / "kube")
        print(f"built in {time.monotonic() - began:.0f} s", flush=True)
    for name in PROGRAMS:
        link = target / name
        if not link.exists():
            link.symlink_to("kube")
    return target


def _is_built() -> bool:
    return os.access(folder() / "kube", os.X_OK)


def _require_definitions() -> None:
    if not STAGES.is_file():
        raise NotRun(f"the operators' definitions are not in {DEFINITIONS}; PARTAGE_FIXTURES says where.")


def _require_go() -> str:
    needed = re.search(r"(?m)^go (\d+)\.(\d+)", (SOURCES / "go.mod").read_text())
    assert needed is not None, "go.mod says which Go it is for"
    go = shutil.which("go")
    if go is None:
        raise NotRun(f"there is no Go on the path; {needed[0]} or newer builds the control plane.")
    said = subprocess.run(
        [go, "env", "GOVERSION"], capture_output=True, text=True, timeout=60, env=_environment(), check=False
    ).stdout.strip()
    found = re.match(r"go(\d+)\.(\d+)", said)
    if found is None or tuple(map(int, found.groups())) < tuple(map(int, needed.groups())):
        raise NotRun(f"{said or go} is too old; {needed[0]} or newer builds the control plane.")
    return go


def _run(go: str, *arguments: str) -> str:
    try:
        done = subprocess.run(
            [go, *arguments],
            cwd=SOURCES,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise NotRun(f"`go {arguments[0]}` took longer than {BUILD_SECONDS_MAX} s.") from late
    if done.returncode:
        said = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise NotRun(f"`go {arguments[0]}` failed with status {done.returncode}:\n{said}")
    return done.stdout


def _environment() -> dict[str, str]:
    # The machine's own Go, and exactly the modules of go.sum: nothing comes that is not locked by its hash.
    own = {
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=readonly -buildvcs=false",
        "GOWORK": "off",
    }
    return {**os.environ, **own}
