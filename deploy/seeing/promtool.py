"""Find promtool, the judge of rules: installed, kept from before, or unpacked from Debian's package."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from deploy.seeing.metrics import ROOT

PACKAGE: Final = "prometheus=2.42.0+ds-5+deb12u1"
SHA256: Final = {"x86_64": "81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55"}
DOWNLOAD_SECONDS_MAX: Final = 120
RULES_SECONDS_MAX: Final = 120


def promtool() -> Path | None:
    """The program, or None where it can be had in none of the ways."""
    installed = shutil.which("promtool")
    if installed is not None:
        return Path(installed)
    kept = (
        Path(os.environ.get("RUN_DIR", ROOT / ".run"))
        / "tools"
        / SHA256.get(platform.machine(), "")
        / "promtool"
    )
    if not kept.is_file() and not _unpack(kept):
        return None
    return kept


def judged(tool: Path, *arguments: str) -> tuple[bool, str]:
    """Whether promtool is content, and what it says."""
    done = subprocess.run(  # noqa: S603  (a program of Debian's, checked by its hash)
        [str(tool), *arguments], capture_output=True, text=True, check=False, timeout=RULES_SECONDS_MAX
    )
    return done.returncode == 0, done.stdout + done.stderr


def _unpack(kept: Path) -> bool:
    """Without root: the package is downloaded, judged by its hash, and one file of it is kept."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None or platform.machine() not in SHA256:
        return False
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        try:
            subprocess.run(  # noqa: S603
                [apt, "download", PACKAGE],
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=DOWNLOAD_SECONDS_MAX,
            )
            [package] = Path(folder).glob("*.deb")
            if hashlib.sha256(package.read_bytes()).hexdigest() != SHA256[platform.machine()]:
                return False
            subprocess.run(  # noqa: S603
                [dpkg, "-x", str(package), folder],
                check=True,
                capture_output=True,
                timeout=DOWNLOAD_SECONDS_MAX,
            )
        except (subprocess.SubprocessError, ValueError):
            return False
        os.replace(Path(folder) / "usr" / "bin" / "promtool", kept)
    return True
