"""Whether the running stack is well: its programs, and what the doctor of each service finds."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from local.paths import ROOT
from local.processes import SERVICES, Cell, cell_of, processes, service_environment
from local.stack import probe

DOCTOR_TIMEOUT_SECONDS = 120
RESTARTS_WORTH_SAYING = 1
WELL, ILL = 0, 1


def doctor(folder: Path, addresses: Mapping[str, str]) -> int:
    """Print what is found; the exit status: 0 where all is well, 1 where something is to be done."""
    cell = cell_of(addresses)
    # All five at once: each spends its second on starting Python.
    asked = {service: _ask(cell, service) for service in SERVICES}
    is_well = True
    for sentence in _ill_programs(folder, cell):
        is_well = False
        print(sentence)
    said: set[str] = set()
    for service, process in asked.items():
        is_well &= _tell(service, process, said)
    print("All is well." if is_well else "Not all is well: each line above ends with what to do.")
    return WELL if is_well else ILL


def _ill_programs(folder: Path, cell: Cell) -> Iterator[str]:
    for program in processes(cell):
        for url in program.urls:
            status, answer = probe(f"{url}/readyz")
            if status != 200:
                log = folder / "logs" / f"{program.name.replace(' ', '-')}.log"
                why = " ".join(answer.split()) or "no answer"
                yield f"{program.name} is not ready at {url} ({why}). To do: read the end of {log}."
    for row in json.loads((folder / "processes.json").read_text()):
        if row["restarts"] > RESTARTS_WORTH_SAYING:
            yield (
                f"{row['name']} was started again {row['restarts']} times. "
                f"To do: read in {row['log']} why it ended, before it is given up."
            )


def _ask(cell: Cell, service: str) -> "subprocess.Popen[str]":
    env = {**os.environ, **service_environment(cell, service), "HTTP_PORT": "0"}
    command = [sys.executable, "-m", service, "doctor"]
    return subprocess.Popen(
        command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _tell(service: str, process: "subprocess.Popen[str]", said: set[str]) -> bool:
    try:
        found, _ = process.communicate(timeout=DOCTOR_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        print(
            f"{service}: its doctor did not end within {DOCTOR_TIMEOUT_SECONDS} s. To do: look at PostgreSQL."
        )
        return False
    for line in found.splitlines():
        # What all services share, such as a stale parameter of the country, is said once.
        sentence = line.removeprefix(f"{service}: ")
        if sentence not in said:
            print(line)
        said.add(sentence)
    return process.returncode == WELL
