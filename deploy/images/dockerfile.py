"""The Dockerfile as a value: its stages, what they copy, and the tree of an image laid out here."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DOCKERFILE: Final = ROOT / "deploy" / "images" / "Dockerfile"
LOCKS: Final = ROOT / "deploy" / "images" / "locks"
PARTS: Final = ("members", "invoicing", "payroll", "guarantee", "governance", "gateway")
HOME: Final = PurePosixPath("/opt/partage")
FINAL: Final = "image"

_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its words as they stand."""

    verb: str
    text: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One FROM and what follows. `parent` is another stage, or the base image."""

    name: str
    parent: str
    instructions: Sequence[Instruction]

    def texts(self, verb: str) -> list[str]:
        """What stands behind each instruction of that verb."""
        return [each.text for each in self.instructions if each.verb == verb]


@dataclass(frozen=True, slots=True)
class Copy:
    """One COPY: out of this tree, or out of another stage. `target` is a path in the image."""

    sources: Sequence[str]
    target: PurePosixPath
    stage: str | None


@dataclass(frozen=True, slots=True)
class Image:
    """The stages that end in the image of one part, the base first; arguments are filled in."""

    part: str
    stages: Sequence[Stage]

    @property
    def environment(self) -> dict[str, str]:
        """What its programs find set, but for what the base image sets."""
        found: dict[str, str] = {}
        for stage in self.stages:
            for text in stage.texts("ENV"):
                for word in shlex.split(text):
                    name, _, value = word.partition("=")
                    found[name] = _filled(value, found)
        return found

    @property
    def copies(self) -> list[Copy]:
        """Everything that is copied, in order."""
        return [_copy(text) for stage in self.stages for text in stage.texts("COPY")]

    @property
    def user(self) -> str:
        """Whose process it is: the last word counts."""
        return [text for stage in self.stages for text in stage.texts("USER")][-1]

    @property
    def labels(self) -> dict[str, str]:
        """What can be read of the image without starting it."""
        words = [word for stage in self.stages for text in stage.texts("LABEL") for word in shlex.split(text)]
        return {name: value for name, _, value in (word.partition("=") for word in words)}


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile; arguments before the first belong to none."""
    found: list[tuple[str, str, list[Instruction]]] = []
    for each in _instructions(text):
        if each.verb == "FROM":
            parent, _, name = each.text.partition(" AS ")
            found.append((name, parent, []))
        elif found:
            found[-1][2].append(each)
    return [Stage(name, parent, tuple(body)) for name, parent, body in found]


def image(part: str, *, arguments: Mapping[str, str] | None = None) -> Image:
    """What the Dockerfile makes of one part. Raises KeyError for a stage that does not exist."""
    given = {"PART": part, **(arguments or {})}
    known = {each.name: each for each in stages(DOCKERFILE.read_text(encoding="utf-8"))}
    chain: list[Stage] = []
    name = FINAL
    while name in known:
        each = known[name]
        parent = _filled(each.parent, given)
        body = tuple(Instruction(one.verb, _filled(one.text, given)) for one in each.instructions)
        chain.insert(0, Stage(each.name, parent, body))
        name = parent
    if name != "${BASE}" and name != given.get("BASE"):
        raise KeyError(name)
    return Image(part, tuple(chain))


def is_in_context(path: str, patterns: Sequence[str]) -> bool:
    """Whether a builder gets a file of this tree: the last pattern that fits it or a folder above decides."""
    above = [path, *(str(parent) for parent in PurePosixPath(path).parents if str(parent) != ".")]
    is_left_out = False
    for pattern in patterns:
        rule = _rule(pattern.removeprefix("!"))
        if any(rule.fullmatch(each) for each in above):
            is_left_out = not pattern.startswith("!")
    return not is_left_out


def ignored(folder: Path = ROOT) -> list[str]:
    """The patterns of .dockerignore."""
    lines = (folder / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def files_of(source: str) -> Iterator[str]:
    """The files below a path of this tree that a builder would copy, relative to the tree."""
    patterns, place = ignored(), ROOT / source
    for path in [place] if place.is_file() else sorted(place.rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and is_in_context(name, patterns):
            yield name


def lay_out(part: str, root: Path, made: Mapping[str, Path]) -> Path:
    """Put into `root` what the image has under /opt/partage, by its own COPY instructions; where that is.

    `made` says where a path that another stage would make lies on this machine, by its path in the image.
    """
    for copy in image(part).copies:
        target = root / copy.target.relative_to("/")
        if copy.stage is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(made[str(copy.target)], target_is_directory=True)
            continue
        for source in copy.sources:
            for name in files_of(source):
                inside = Path(name).relative_to(source)
                place = target if inside == Path(".") else target / inside
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, place)
    return root / HOME.relative_to("/")


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        verb, _, rest = line.strip().partition(" ")
        yield Instruction(verb, " ".join(rest.split()))


def _copy(text: str) -> Copy:
    words = shlex.split(text)
    stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else None
    *sources, target = words
    return Copy(tuple(sources), HOME / target, stage)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def _rule(pattern: str) -> re.Pattern[str]:
    rule = re.escape(pattern).replace(r"\*\*/", "(.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.compile(rule)
