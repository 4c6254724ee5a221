"""Opens an order page in a real browser and tells what stands in the way of the person who uses it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
run_timeout_seconds = 120
CONFIRM_BUTTON = "confirm|bevestig|bestätig"


class BrowserNotInstalled(Exception):
    """Node or its packages are missing; run `npm ci` in tests/browser."""


class BrowserFailed(Exception):
    """The browser did not finish its visit."""


def run_order_page(
    url: str, screenshots: Path, confirm: bool, *, confirm_button: str = CONFIRM_BUTTON
) -> dict[str, Any]:
    """Visits the page at 360 px and 1280 px, and presses its confirm button when told to.

    Returns what `order_page.mjs` measured: `problems` is empty when all is well, `viewports` holds the
    figures by width, `confirmed` the page's text after confirming. `confirm_button` is a regular
    expression for the button's name. Raises `BrowserNotInstalled` or `BrowserFailed`.
    """
    command = [_node(), str(HERE / "order_page.mjs"), "--url", url, "--screenshots", str(screenshots)]
    if confirm:
        command += ["--confirm", confirm_button]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    try:
        run = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=run_timeout_seconds,
            cwd=HERE,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrowserFailed(f"no answer after {run_timeout_seconds} s") from error
    if run.returncode != 0:
        raise BrowserFailed(run.stderr[-4000:])
    report: dict[str, Any] = json.loads(run.stdout)
    return report


def _node() -> str:
    if not (HERE / "node_modules" / "playwright-core").is_dir():
        raise BrowserNotInstalled
    beside_python = Path(sys.executable).parent / "node"
    found = str(beside_python) if beside_python.exists() else shutil.which("node")
    if found is None:
        raise BrowserNotInstalled
    return found
