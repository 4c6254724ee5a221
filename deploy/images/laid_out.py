"""The tree of an image on this machine, with an interpreter that finds the packages of its lock alone."""

from __future__ import annotations

import compileall
import importlib.metadata
import re
import sys
import venv
from pathlib import Path
from typing import Final

from deploy.images.dockerfile import HOME, LOCKS, image, lay_out

_PIN: Final = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)


def locked(part: str) -> dict[str, str]:
    """The packages of a part with their versions, without those for other machines than this."""
    found = {}
    for pin in _PIN.finditer((LOCKS / f"{part}.lock").read_text(encoding="utf-8")):
        if pin["version"] == _installed(pin["name"]):
            found[pin["name"]] = pin["version"]
    return found


def laid_out_image(
    part: str, root: Path, made: dict[str, Path], *, commit: str = "0" * 40
) -> tuple[Path, dict[str, str]]:
    """Lay out the image of `part` under `root`; where its /opt/partage is, and what its programs find set.

    `made` says where the jars and the planner's packages lie on this machine; the interpreter is this one.
    """
    interpreter = root / "interpreter"
    venv.create(interpreter, with_pip=False, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = interpreter / "lib" / version / "site-packages"
    for name in locked(part):
        files = importlib.metadata.distribution(name).files or ()
        for top in sorted({file.parts[0] for file in files if file.parts[0] not in ("..", "__pycache__")}):
            source = Path(str(importlib.metadata.distribution(name).locate_file(top)))
            if not (packages / top).exists():
                (packages / top).symlink_to(source)
    home = lay_out(part, root, {**made, str(HOME / "venv"): interpreter})
    # As the image's own RUN does: nothing can be written where it runs.
    for folder in sorted(
        {copy.target.relative_to(HOME).parts[0] for copy in image(part).copies if not copy.stage}
    ):
        compileall.compile_dir(home / folder, quiet=2)
    found = image(part, arguments={"COMMIT": commit}).environment
    environment = {name: value.replace(str(HOME), str(home)) for name, value in found.items()}
    return home, environment


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
