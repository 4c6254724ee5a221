"""Fetches the jars listed in jars.lock and proves that each is the one that was locked."""

import hashlib
import importlib.util
import os
import re
import shutil
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from local.failure import LocalFailure
from local.paths import ROOT, jars_dir, make_folder

LOCK = ROOT / "jars.lock"
FETCH_TIMEOUT_SECONDS = 60
ATTEMPTS_MAX = 3
DOWNLOADS_AT_ONCE_MAX = 6
RULES_PREFIX = "com/helger/"


@dataclass(frozen=True, slots=True)
class Jar:
    """A line of jars.lock: hash, size in bytes, and path inside any Maven repository."""

    sha256: str
    size: int
    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_for_the_broker(self) -> bool:
        return not self.path.startswith(RULES_PREFIX)


class JarDiffers(LocalFailure):
    """A jar is not the one that was locked."""


class NoAddressForJars(LocalFailure):
    """No Maven repository is known."""


def locked(lock: Path = LOCK) -> tuple[Jar, ...]:
    """The jars of the lock file, sorted by path."""
    try:
        text = lock.read_text()
    except OSError as error:
        raise LocalFailure(f"{lock} cannot be read ({error.strerror}); `make lock` writes it.") from error
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(sorted((Jar(row[0], int(row[1]), row[2]) for row in rows), key=lambda jar: jar.path))


def ensure(
    folder: Path | None = None,
    *,
    lock: Path = LOCK,
    with_broker: bool = True,
    say: Callable[[str], None] = lambda _sentence: None,
) -> Path:
    """Make sure each locked jar is in the folder, byte for byte, fetching what is not. Answers the folder.

    Without the broker's there are left the rules of e-invoices, which alone go into an image.
    """
    folder = folder or jars_dir()
    jars = tuple(jar for jar in locked(lock) if with_broker or not jar.is_for_the_broker)
    missing = [jar for jar in jars if not _is_the_locked_one(folder / jar.path, jar)]
    if missing:
        make_folder(folder, set_by="JARS_DIR or RUN_DIR")
        total = sum(jar.size for jar in missing) / 1e6
        say(f"fetching {len(missing)} of {len(jars)} jars ({total:.1f} MB)")
        _fetch_all(missing, folder, say)
    return folder


def broker_classpath(folder: Path, lock: Path = LOCK) -> str:
    """The class path of Kafka as an explicit sorted list: the class archive is tied to its order."""
    return os.pathsep.join(str(folder / jar.path) for jar in locked(lock) if jar.is_for_the_broker)


def addresses() -> Iterator[tuple[str, str]]:
    """Where jars may come from, best first: pairs of (base address, who says so)."""
    if local := _local_repository():
        yield local.as_uri(), "the local Maven repository"
    if own := os.environ.get("MAVEN_REPO_URL"):
        yield own, "MAVEN_REPO_URL"
        return
    for settings in _settings_files():
        if mirror := _mirror(settings):
            yield mirror, str(settings)
            return
    if central := _super_pom_address():
        yield central, "Maven's own model"
        return
    if central := _jgo_address():
        yield central, "the package jgo"


def write_lock(repository: Path, paths: Sequence[Path], lock: Path = LOCK) -> None:
    """Write jars.lock from jars that Maven has put into a repository folder."""
    lines = []
    for path in sorted(paths):
        content = path.read_bytes()
        inside = path.relative_to(repository).as_posix()
        lines.append(f"{hashlib.sha256(content).hexdigest()} {len(content)} {inside}")
    head = (
        "# Written by `make lock` from local/pom.xml: SHA-256, size in bytes, path inside a Maven repository."
    )
    lock.write_text("\n".join([head, *lines]) + "\n")


def _is_the_locked_one(path: Path, jar: Jar) -> bool:
    try:
        if path.stat().st_size != jar.size:
            return False
    except OSError:
        return False
    return _sha256(path) == jar.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch_all(missing: Sequence[Jar], folder: Path, say: Callable[[str], None]) -> None:
    known = list(addresses())
    if not known:
        raise NoAddressForJars(
            "No Maven repository is known: set MAVEN_REPO_URL to the address of one "
            f"(for {len(missing)} jars, the first is {missing[0].path})."
        )
    began = time.monotonic()
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE_MAX) as pool:
        for number, name in enumerate(pool.map(lambda jar: _fetch(jar, folder, known), missing), start=1):
            if number == len(missing) or number % 10 == 0:
                say(f"  {number} of {len(missing)} jars, {time.monotonic() - began:.1f} s ({name})")


def _fetch(jar: Jar, folder: Path, known: Sequence[tuple[str, str]]) -> str:
    target = folder / jar.path
    target.parent.mkdir(parents=True, exist_ok=True)
    # Another start may be fetching into the same folder: a whole file appears at once, or not at all.
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    reasons = []
    for base, who in known:
        try:
            _download(f"{base.rstrip('/')}/{jar.path}", part)
        except (OSError, ValueError) as error:
            reasons.append(f"{who}: {error}")
            continue
        found = _sha256(part)
        if found != jar.sha256:
            part.unlink()
            reason = f"{who}: SHA-256 {found[:16]}… instead of {jar.sha256[:16]}…"
            if base.startswith("file:"):
                reasons.append(reason)
                continue
            raise JarDiffers(f"The jar {jar.name} is not the one in jars.lock ({reason}). It was not kept.")
        part.replace(target)
        return jar.name
    raise LocalFailure(f"The jar {jar.path} cannot be fetched. {'; '.join(reasons)}.")


def _download(url: str, part: Path) -> None:
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            # The address comes from the machine's own settings, and may well be a folder.
            with urllib.request.urlopen(url, timeout=FETCH_TIMEOUT_SECONDS) as answer:  # noqa: S310
                with part.open("wb") as file:
                    shutil.copyfileobj(answer, file)
                return
        except urllib.error.HTTPError as error:
            if error.code < 500 or attempt == ATTEMPTS_MAX:
                raise
        except OSError:
            if url.startswith("file:") or attempt == ATTEMPTS_MAX:
                raise
        time.sleep(attempt)


def _local_repository() -> Path | None:
    for settings in _settings_files():
        if configured := _text(settings, "localRepository"):
            folder = Path(configured.replace("${user.home}", str(Path.home())))
            return folder if folder.is_dir() else None
    folder = Path.home() / ".m2" / "repository"
    return folder if folder.is_dir() else None


def _settings_files() -> Iterator[Path]:
    candidates = [Path.home() / ".m2" / "settings.xml"]
    if home := _maven_home():
        candidates.append(home / "conf" / "settings.xml")
    for candidate in candidates:
        try:
            if candidate.is_file():
                yield candidate
        except OSError:
            continue


def _maven_home() -> Path | None:
    if configured := os.environ.get("MAVEN_HOME"):
        return Path(configured)
    program = shutil.which("mvn")
    return Path(program).resolve().parent.parent if program else None


def _mirror(settings: Path) -> str | None:
    for mirror in _elements(settings, "mirror"):
        found = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in mirror}
        of = found.get("mirrorOf", "").split(",")
        if found.get("blocked") != "true" and ("*" in of or "central" in of or "external:*" in of):
            return found.get("url")
    return None


def _super_pom_address() -> str | None:
    home = _maven_home()
    for archive in sorted((home / "lib").glob("maven-model-builder-*.jar")) if home else []:
        try:
            with zipfile.ZipFile(archive) as jar:
                text = jar.read("org/apache/maven/model/pom-4.0.0.xml").decode()
        except (OSError, KeyError, zipfile.BadZipFile):
            continue
        if match := re.search(r"<repository>.*?<url>\s*(\S+?)\s*</url>", text, re.DOTALL):
            return match.group(1)
    return None


def _jgo_address() -> str | None:
    spec = importlib.util.find_spec("jgo")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        try:
            text = (Path(folder) / "constants.py").read_text()
        except OSError:
            continue
        if match := re.search(r"""^MAVEN_CENTRAL_URL\s*=\s*["']([^"']+)["']""", text, re.MULTILINE):
            return match.group(1)
    return None


def _text(settings: Path, tag: str) -> str | None:
    for element in _elements(settings, tag):
        if element.text and element.text.strip():
            return element.text.strip()
    return None


def _elements(settings: Path, tag: str) -> Iterator[ElementTree.Element]:
    try:
        tree = ElementTree.parse(settings)  # noqa: S314  (the user's own Maven settings)
    except (OSError, ElementTree.ParseError):
        return
    for element in tree.iter():
        if element.tag.rpartition("}")[2] == tag:
            yield element


if __name__ == "__main__":
    try:
        chosen = ensure(
            # `python -m local.jars rules`: what an image of invoicing needs.
            with_broker=sys.argv[1:] != ["rules"],
            say=lambda sentence: print(sentence, flush=True),
        )
        print(f"jars are in {chosen}")
    except LocalFailure as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
