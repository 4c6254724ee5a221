"""Import a service with nothing but its own requirements: services deploy apart."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Final

IMPORT_SECONDS_MAX: Final = 60
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def import_alone(project: Path, shared: Path, modules: Iterable[str], room: Path) -> str:
    """Import modules of a project in a new interpreter that sees its requirements, and commons, alone.

    The requirements come from its `pyproject.toml` and that of the shared library; installed files are linked
    into `room`. Returns what the interpreter said, empty where all went well.
    """
    wanted = [*_declared(project), *_declared(shared)]
    for name in _closure(wanted):
        _link(name, room)
    code = f"import sys; sys.path[:0] = {[str(room), str(shared), str(project)]!r}\n" + "".join(
        f"import {module}\n" for module in modules
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        capture_output=True,
        text=True,
        timeout=IMPORT_SECONDS_MAX,
        check=False,
        env={"PATH": os.environ.get("PATH", "")},
    )
    return done.stderr


def _declared(project: Path) -> list[str]:
    content = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    return [str(requirement) for requirement in content["project"].get("dependencies", [])]


def _closure(requirements: Iterable[str]) -> set[str]:
    found: set[str] = set()
    todo = [_parse(requirement) for requirement in requirements]
    while todo:
        name, extras = todo.pop()
        key = _key(name)
        if key in found and not extras:
            continue
        found.add(key)
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another platform or Python, or one of our own packages
        for need in needs:
            if _applies(need, extras):
                inner = _parse(need)
                if _key(inner[0]) not in found:
                    todo.append(inner)
    return found


def _parse(requirement: str) -> tuple[str, frozenset[str]]:
    match = _NAME.match(requirement.strip())
    assert match is not None, f"a requirement begins with a name: {requirement}"
    rest = requirement.strip()[match.end() :].lstrip()
    extras = rest[1 : rest.index("]")].split(",") if rest.startswith("[") else []
    return match[0], frozenset(extra.strip() for extra in extras)


def _applies(need: str, extras: frozenset[str]) -> bool:
    _, _, marker = need.partition(";")
    wanted = re.search(r"""extra\s*==\s*['"]([^'"]+)['"]""", marker)
    return wanted is None or wanted[1] in extras


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _link(name: str, room: Path) -> None:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return
    for top in sorted({file.parts[0] for file in distribution.files or [] if file.parts[0] != ".."}):
        source, target = Path(str(distribution.locate_file(top))), room / top
        if top == "__pycache__" or not source.exists():
            continue
        if not target.exists():
            target.symlink_to(source, target_is_directory=source.is_dir())
