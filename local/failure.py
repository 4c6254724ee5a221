"""What the local stack says when it cannot go on."""

from pathlib import Path

LOG_TAIL_LINES_MAX = 12
LOG_TAIL_BYTES_MAX = 16_384


class LocalFailure(Exception):
    """A sentence for the person at the terminal: which program, why, and what to do about it."""


class PortOccupied(LocalFailure):
    """A fixed port is taken by another program, or kept for the system."""


def log_tail(log: Path) -> str:
    """The last lines of a log, indented, to be put below the sentence that explains the failure."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LOG_TAIL_BYTES_MAX))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        lines = []
    if not lines:
        return f"Its log is {log} (empty)."
    tail = "\n".join(f"    {line[:300]}" for line in lines[-LOG_TAIL_LINES_MAX:])
    return f"Its log is {log}, and ends so:\n{tail}"
