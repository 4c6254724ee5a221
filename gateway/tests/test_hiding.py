"""The gateway deploys without the services' library, so it has the same few lines of its own."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_gateway_hides_what_the_services_hide() -> None:
    services = (ROOT / "shared" / "commons" / "graphql" / "hiding.py").read_text(encoding="utf-8")
    assert (ROOT / "gateway" / "gateway" / "hiding.py").read_text(encoding="utf-8") == services
