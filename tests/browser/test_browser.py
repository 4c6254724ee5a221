"""The browser check finds what it should and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browser import BrowserNotInstalled, run_order_page

GOOD = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Devis</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 sans-serif;color:#222;background:#fff} button,input{min-height:44px;font:inherit}
</style></head><body><h1>Votre devis</h1><p>Montant : 1 250,00 €</p>
<form method="post"><label for="n">Votre nom</label> <input id="n" name="n"><button>Confirmer</button>
</form></body></html>"""
BAD = """<!doctype html><html><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>button:focus{outline:none} p{color:#aaa} div{width:2000px}</style></head>
<body><h1>One</h1><h1>Two</h1><p>Pale</p><div>wide</div><input style="min-height:44px">
<button style="height:20px;border:0;background:#ddd">Small</button>
<button tabindex="-1" style="min-height:44px">Out of reach</button></body></html>"""
PAGES = {"/good": GOOD, "/bad": BAD}


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.reply(PAGES.get(self.path))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.reply("<!doctype html><html lang=fr><title>Merci</title><h1>Merci, c'est confirmé</h1>")

    def reply(self, body: str | None) -> None:
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def visited(url: str, screenshots: Path, *, confirm: bool = False) -> dict[str, Any]:
    try:
        return run_order_page(url, screenshots, confirm)
    except BrowserNotInstalled as missing:
        pytest.skip(f"not run: {missing.__doc__}")


def test_a_good_page_has_no_problem_and_can_be_confirmed(site: str, tmp_path: Path) -> None:
    report = visited(f"{site}/good", tmp_path, confirm=True)
    assert report["problems"] == []
    assert report["viewports"]["narrow"]["width"] == 360
    assert report["viewports"]["wide"]["width"] == 1280
    assert report["confirmed"]["text"] == "Merci, c'est confirmé"
    assert len(list(tmp_path.glob("*.png"))) == 3


def test_every_fault_of_a_bad_page_is_named(site: str, tmp_path: Path) -> None:
    report = visited(f"{site}/bad", tmp_path, confirm=True)
    for fault in (
        "does not name its language",
        "2 headings of level 1",
        "scrolls sideways",
        "no label: input",
        "smaller than 44 px (",
        'contrast 2.32 is below 4.5: p "Pale"',
        'not reached by Tab: button "Out of reach"',
        'focus is invisible: button "Small"',
    ):
        assert any(fault in problem for problem in report["problems"]), (fault, report["problems"])
    assert report["confirmed"]["isClicked"] is False
