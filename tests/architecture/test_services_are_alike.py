import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("members", "invoicing", "payroll", "guarantee", "governance")

# What every service has, and what one has only where it needs it; nothing else.
ALWAYS = {
    "README.md",
    "pyproject.toml",
    "schema.graphql",
    "permissions.md",
    "events",
    "migrations",
    "tests",
}
INSIDE_ALWAYS = {
    "__init__.py",
    "__main__.py",
    "app.py",
    "settings.py",
    "rows.py",
    "store.py",
    "domain",
    "capabilities",
    "consumers",
    "events",
    "sql",
    "api",
}
INSIDE_SOMETIMES = {
    "adapters",  # the outside world behind a port
    "archive.py",  # values as they are kept, so that none needs the law of its day
    "deadlines",  # one file for each thing that falls due
    "documents",  # what people and programs read
    "effects",  # one file for each kind of work in the outside world
    "figures.py",  # counts that should be nothing: metrics, and sentences of the doctor
    "inputs.py",  # what clients write, where several capabilities take it
    "sealed.py",  # personal data, encrypted at rest
    "service.py",  # what capabilities find in `ctx.service`
}
PURE_NEVER_IMPORTS = {
    "asyncio",
    "asyncpg",
    "fastapi",
    "httpx",
    "os",
    "random",
    "socket",
    "strawberry",
    "time",
    "uvicorn",
}
COUNTRY_COMPARED = re.compile(r"country(\.code|_code)?\s*[!=]=\s*[\"'][A-Za-z]{2}[\"']")


def names(folder: Path) -> set[str]:
    return {
        path.name for path in folder.iterdir() if path.name != "__pycache__" and not path.name.startswith(".")
    }


def modules(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_tree(service: str) -> None:
    outer, inner = names(ROOT / "services" / service), names(ROOT / "services" / service / service)
    assert outer == ALWAYS | {service}
    assert inner >= INSIDE_ALWAYS, f"missing: {INSIDE_ALWAYS - inner}"
    assert inner <= INSIDE_ALWAYS | INSIDE_SOMETIMES, (
        f"not in the tree: {inner - INSIDE_ALWAYS - INSIDE_SOMETIMES}"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_imports_no_other_service(service: str) -> None:
    others = set(SERVICES) - {service} | {"gateway", "simulators", "local"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path, tree in modules(ROOT / "services" / service / service)
        for name in imported(tree)
        if name in others
    ]
    assert not wrong, "\n".join(wrong)


def test_commons_imports_no_service_and_nothing_of_the_local_stack() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path, tree in modules(ROOT / "shared" / "commons")
        if "testing" not in path.parts and "tests" not in path.parts
        for name in imported(tree)
        if name in {*SERVICES, "gateway", "simulators", "local", "tests"}
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("service", SERVICES)
def test_the_domain_is_pure(service: str) -> None:
    folder = ROOT / "services" / service / service / "domain"
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path, tree in modules(folder)
        for name in imported(tree)
        if name in PURE_NEVER_IMPORTS
    ]
    wrong += [
        f"{path.relative_to(ROOT)} reads a clock"
        for path, _ in modules(folder)
        if re.search(r"\b(now|today|utcnow)\(\)", path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("service", SERVICES)
def test_a_capability_is_a_file_of_its_own_name(service: str) -> None:
    wrong = []
    for path, tree in modules(ROOT / "services" / service / service / "capabilities"):
        if path.name == "__init__.py":
            continue
        found = [
            node.name
            for node in tree.body
            if isinstance(node, ast.AsyncFunctionDef)
            and any(isinstance(mark, ast.Name) and mark.id == "capability" for mark in node.decorator_list)
        ]
        if found != [path.stem]:
            wrong.append(f"{path.relative_to(ROOT)} has the capabilities {found}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("service", SERVICES)
def test_every_mutation_and_every_consumer_has_a_test_of_its_name(service: str) -> None:
    folder = ROOT / "services" / service
    tests = {path.stem for path in (folder / "tests").rglob("test_*.py")}
    schema = (folder / service / "api" / "schema.py").read_text(encoding="utf-8")
    mutations = set(re.findall(r"root_mutation\((?:[^()]|\([^()]*\))*?resolver=(\w+)", schema))
    consumers = {path.stem for path, _ in modules(folder / service / "consumers")} - {"__init__"}
    simple = {"entity_registered", "business_day_opened"}  # the library's own, tested there
    missing = {name for name in mutations | (consumers - simple) if f"test_{name}" not in tests}
    assert mutations, "no mutation found: the pattern no longer fits"
    assert not missing, f"no test of {', '.join(sorted(missing))}"


def test_no_code_asks_which_country_it_is_in() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("services", "shared/commons", "gateway/gateway")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "tests" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if COUNTRY_COMPARED.search(line)
    ]
    assert not wrong, f"data names a strategy instead: {', '.join(wrong)}"
