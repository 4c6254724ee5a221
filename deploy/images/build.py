"""Build the image of a program: `make image PART=payroll BASE=name:tag@sha256:…`."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from deploy.images.dockerfile import DOCKERFILE, PARTS, ROOT

BUILDERS: Final = ("docker", "buildah", "podman")
ASK_SECONDS_MAX: Final = 20
BUILD_SECONDS_MAX: Final = 3_600
NOT_RUN: Final = "not run: no image builder here"


class NotBuilt(Exception):
    """Why no image was built, in a sentence."""


def builder() -> list[str] | None:
    """The first program that can build here, and how it is told to; None where none can."""
    for name in BUILDERS:
        if shutil.which(name) is None:
            continue
        # A client without its daemon is no builder.
        asked = subprocess.run(  # noqa: S603  (a name of our own)
            [name, "info"], capture_output=True, timeout=ASK_SECONDS_MAX, check=False
        )
        if asked.returncode == 0:
            return [name, "build"]
    return None


def arguments(part: str, base: str, commit: str, tag: str, maven: str = "") -> list[str]:
    """What the builder is told, after its name. Raises NotBuilt."""
    if part not in PARTS:
        raise NotBuilt(f"PART is {part or 'not set'}: an image is one of {', '.join(PARTS)}.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._/:-]*:[a-zA-Z0-9._-]+@sha256:[0-9a-f]{64}", base):
        raise NotBuilt(
            f"BASE is {base or 'not set'}: it must name a tag and its digest, name:tag@sha256:…, so that the "
            "same commit gives the same image. deploy/images/README.md says where the digest is read."
        )
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise NotBuilt("The commit is not known: an image is built from a clone.")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", tag) or tag == "latest":
        raise NotBuilt(f"TAG is {tag or 'not set'}: name what is built, and never latest.")
    if part == "invoicing" and not maven:
        raise NotBuilt("MAVEN_REPO_URL is not set: the image of invoicing carries the rules of e-invoices.")
    given = {"BASE": base, "PART": part, "COMMIT": commit} | ({"MAVEN_REPO_URL": maven} if maven else {})
    told = ["--file", str(DOCKERFILE.relative_to(ROOT)), "--tag", f"partage/{part}:{tag}"]
    return [*told, *(word for name in given for word in ("--build-arg", f"{name}={given[name]}")), "."]


def commit_of_the_tree() -> str:
    """The commit that is built. Raises NotBuilt where files differ from it."""
    if _git("status", "--porcelain", "--untracked-files=normal"):
        raise NotBuilt(
            "Files differ from the commit: an image says which commit it is, so commit them first."
        )
    return _git("rev-parse", "HEAD")


def main(words: Sequence[str] | None = None) -> int:
    """0 where the image was built, 1 where something stands against it, 3 where nothing here can build."""
    parser = argparse.ArgumentParser(prog="python -m deploy.images.build", description=__doc__)
    parser.add_argument("part")
    parser.add_argument("--base", default="")
    parser.add_argument("--tag", default="")
    parser.add_argument("--maven", default="", help="address of a Maven repository")
    chosen = parser.parse_args(words)
    try:
        told = arguments(chosen.part, chosen.base, commit_of_the_tree(), chosen.tag, chosen.maven)
    except NotBuilt as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    command = builder()
    if command is None:
        sys.stderr.write(f"{NOT_RUN} ({', '.join(BUILDERS)}). It would be told: {' '.join(told)}\n")
        return 3
    done = subprocess.run([*command, *told], cwd=ROOT, timeout=BUILD_SECONDS_MAX, check=False)  # noqa: S603
    return done.returncode


def _git(*words: str) -> str:
    done = subprocess.run(  # noqa: S603
        ["git", *words],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=ASK_SECONDS_MAX,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main())
