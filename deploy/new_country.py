"""Make the files of a further country, and say what of a country is still empty: `make new-country CC=pl`.

What a file must hold is read from the countries that have it: whatever all of them have, this one needs.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from commons.country import SECTIONS, CountryDataWrong, CountryNotReady, CountryUnknown, load_country

ROOT: Final = Path(__file__).resolve().parents[1]
LAW: Final = Path("shared/countries")
HELM: Final = Path("deploy/helm/countries")
GATEWAY: Final = Path("gateway/gateway/config.py")
GROUP: Final = HELM / "group" / "services.yaml"
PLACES: Final = Path("tests/e2e/places.py")

_COUNTRIES: Final = re.compile(r"^COUNTRIES = frozenset\(\s*\{(?P<codes>[^}]*)\}\s*\)$", re.MULTILINE)
_CELLS: Final = re.compile(r"^cells: \[(?P<codes>[^]]*)\]$", re.MULTILINE)
_ABOUT: Final = ("source", "read", "checked_until")


class NotMade(Exception):
    """Why no files were made, in a sentence."""


def require_code(code: str) -> None:
    """Raises NotMade where this is no code of a country."""
    if not re.fullmatch(r"[a-z]{2}", code):
        raise NotMade(f"CC is {code or 'not set'}: a country is two lower-case letters (ISO 3166), like pl.")


def make(code: str, root: Path = ROOT, *, like: str = "be") -> list[Path]:
    """Write every file that a country needs, empty where only its law can fill it; the paths below `root`.

    Values of the country `like` stand beside as an example. Raises NotMade, before anything is written.
    """
    require_code(code)
    for folder in (root / LAW / code, root / HELM / code):
        if folder.exists():
            raise NotMade(
                f"{folder.relative_to(root)} is there already: `make country-check CC={code}` says "
                "what is still empty in it."
            )
    if not (root / LAW / like / "country.yaml").is_file():
        raise NotMade(f"LIKE is {like}: there is no such country to take examples from.")
    made = {LAW / code / f"{section}.yaml": skeleton(section, code, root, like) for section in SECTIONS}
    made[HELM / code / "services.yaml"] = f"country: {code}\nhost: {code}.coop.example\n"
    made[HELM / code / "data.yaml"] = (
        f"country: {code}\n"
        "# The region is one of backup_regions in the country's law.\n"
        f'backup: {{destination: "s3://coop-{code}-backups", region: ""}}\n'
    )
    made[GATEWAY] = _with_country((root / GATEWAY).read_text(encoding="utf-8"), code)
    made[GROUP] = _with_cell((root / GROUP).read_text(encoding="utf-8"), code)
    for path, text in made.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return list(made)


def skeleton(section: str, code: str, root: Path = ROOT, like: str = "be") -> str:
    """A file of the law with the names that every country has which has this file, and nothing filled in."""
    trees = {
        path.parent.name: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
        for path in sorted((root / LAW).glob(f"[a-z][a-z]/{section}.yaml"))
        # A payroll is computed in more countries than run, by engines that share little.
        if section == "payroll" or _is_whole(path.parent)
    }
    own = trees.pop(code, None)
    assert own is None, "make() looked"
    example = trees.get(like) or next(iter(trees.values()))
    lines = [
        f"# {code.upper()}: {section}. Each name is one that all countries have; beside it, what {like} has.",
        "# shared/countries/README.md says what a value looks like, and what it must say of its source.",
        "",
    ]
    lines += _blank(example, list(trees.values()), 0)
    return "\n".join(lines).rstrip() + "\n"


def still_empty(code: str, root: Path = ROOT) -> list[str]:
    """What keeps the cell of a country from starting or from being deployed, a sentence each."""
    return [*_of_the_law(code, root), *_of_the_deployment(code, root)]


def main(words: Sequence[str] | None = None) -> int:
    """0 where files were made or nothing is empty, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m deploy.new_country", description=__doc__)
    parser.add_argument("code", help="two lower-case letters")
    parser.add_argument("--like", default="be", help="the country whose values stand beside as an example")
    parser.add_argument("--check", action="store_true", help="make nothing, say what is still empty")
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree to work in")
    chosen = parser.parse_args(words)
    try:
        require_code(chosen.code)
        made = [] if chosen.check else make(chosen.code, chosen.root, like=chosen.like)
    except NotMade as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    sys.stdout.write("".join(f"written: {path}\n" for path in made))
    found = still_empty(chosen.code, chosen.root)
    sys.stdout.write("".join(f"{sentence}\n" for sentence in found))
    sys.stdout.write(
        f"{len(found)} sentences: the cell {chosen.code} is refused until they are gone.\n"
        if found
        else f"Nothing of {chosen.code} is empty.\n"
    )
    return 1 if found and chosen.check else 0


def _of_the_law(code: str, root: Path) -> Iterator[str]:
    try:
        load_country(code, need=SECTIONS, folder=root / LAW)
    except CountryUnknown:
        yield f"{LAW}/{code} does not exist: `make new-country CC={code}` makes it."
        return
    except CountryNotReady as refused:
        missing = refused.facts["missing"]
        assert isinstance(missing, list), "the loader lists them"
        yield from (f"{LAW}/{code}/{name}.yaml does not exist." for name in missing)
    except CountryDataWrong as wrong:
        yield from (f"{LAW}/{line}." for line in str(wrong).splitlines())
    if not any((root / LAW / code / "cases").glob("*.yaml")):
        yield f"{LAW}/{code}/cases has no worked case: nothing shows that the figures are those of the law."


def _of_the_deployment(code: str, root: Path) -> Iterator[str]:
    for chart in ("services", "data"):
        path = HELM / code / f"{chart}.yaml"
        if not (root / path).is_file():
            yield f"{path} does not exist."
            continue
        values = yaml.safe_load((root / path).read_text(encoding="utf-8")) or {}
        if chart == "data" and not (values.get("backup") or {}).get("region"):
            yield f"{path}: backup.region is still empty: one of backup_regions in the country's law."
    found = _COUNTRIES.search((root / GATEWAY).read_text(encoding="utf-8"))
    if found is None or f'"{code.upper()}"' not in found["codes"]:
        yield f"{GATEWAY}: COUNTRIES does not name {code.upper()}, so its gateway does not start."
    cells = _CELLS.search((root / GROUP).read_text(encoding="utf-8"))
    if cells is None or code not in cells["codes"].split(", "):
        yield f"{GROUP}: cells does not name {code}, so the group's door does not lead there."
    places = root / PLACES
    if places.is_file() and f'"{code.upper()}": ' not in places.read_text(encoding="utf-8"):
        yield f"{PLACES} has no place in {code.upper()}: the stories cannot be played there."


def _blank(example: Mapping[str, Any], trees: Sequence[Any], depth: int) -> list[str]:
    """The names that all trees have, in the order of the example."""
    margin, lines = "  " * depth, []
    for name, value in example.items():
        others = [tree.get(name) for tree in trees]
        if any(other is None for other in others):
            continue
        if isinstance(value, dict) and isinstance(value.get("values"), list):
            lines.append(f"{margin}{name}:")
            lines += [f"{margin}  # {_in_one_line(each)}" for each in value["values"][-1:]]
            lines.append(f"{margin}  values: []")
            lines += [f'{margin}  {about}: ""' for about in _ABOUT]
        elif isinstance(value, dict) and all(isinstance(other, dict) for other in others):
            below = _blank(value, others, depth + 1)
            # What all countries fill under names of their own is left to this one whole.
            lines += [f"{margin}{name}:", *below]
        else:
            lines.append(f"{margin}{name}: # {_in_one_line(value)}")
        if depth == 0:
            lines.append("")
    return lines


def _is_whole(folder: Path) -> bool:
    return all((folder / f"{section}.yaml").is_file() for section in SECTIONS)


def _in_one_line(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return text.removesuffix("...\n").strip()[:160]


def _with_country(text: str, code: str) -> str:
    found = _COUNTRIES.search(text)
    assert found is not None, f"{GATEWAY} names the countries"
    codes = sorted({*re.findall(r"[A-Z]{2}", found["codes"]), code.upper()})
    named = ", ".join(f'"{each}"' for each in codes)
    line = f"COUNTRIES = frozenset({{{named}}})"
    return text[: found.start()] + line + text[found.end() :]


def _with_cell(text: str, code: str) -> str:
    found = _CELLS.search(text)
    assert found is not None, f"{GROUP} names the cells in one line"
    cells = sorted({*found["codes"].split(", "), code})
    return f"{text[: found.start()]}cells: [{', '.join(cells)}]{text[found.end() :]}"


if __name__ == "__main__":
    sys.exit(main())
