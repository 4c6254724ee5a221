"""Jars come from somewhere else and are exactly what was locked."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from local import jars
from local.failure import LocalFailure
from local.jars import JarDiffers, NoAddressForJars

CONTENT = b"a jar"
PATH = "org/example/thing/1.0/thing-1.0.jar"
SETTINGS = "<settings xmlns='http://maven.apache.org/SETTINGS/1.0.0'>{}</settings>"


@pytest.fixture(autouse=True)
def _no_maven_on_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", "")
    for name in ("MAVEN_REPO_URL", "MAVEN_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(jars, "_jgo_address", lambda: None)


def test_a_jar_is_copied_from_the_local_maven_repository(tmp_path: Path) -> None:
    _repository(tmp_path / "home" / ".m2" / "repository")
    jars.ensure(tmp_path / "jars", lock=_lock(tmp_path))
    assert (tmp_path / "jars" / PATH).read_bytes() == CONTENT


def test_a_damaged_jar_in_the_local_maven_repository_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _repository(tmp_path / "home" / ".m2" / "repository", content=b"half a j")
    monkeypatch.setenv("MAVEN_REPO_URL", _repository(tmp_path / "remote").as_uri())
    jars.ensure(tmp_path / "jars", lock=_lock(tmp_path))
    assert (tmp_path / "jars" / PATH).read_bytes() == CONTENT


def test_a_damaged_jar_in_our_own_folder_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAVEN_REPO_URL", _repository(tmp_path / "remote").as_uri())
    _repository(tmp_path / "jars", content=b"A JAR")
    jars.ensure(tmp_path / "jars", lock=_lock(tmp_path))
    assert (tmp_path / "jars" / PATH).read_bytes() == CONTENT


def test_a_jar_that_differs_from_the_lock_is_refused_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "addresses", lambda: iter([("https://example.test", "a mirror")]))
    monkeypatch.setattr(jars, "_download", lambda _url, part: part.write_bytes(b"evil!"))
    with pytest.raises(JarDiffers, match=r"thing-1\.0\.jar is not the one in jars\.lock .* It was not kept"):
        jars.ensure(tmp_path / "jars", lock=_lock(tmp_path))
    assert not list((tmp_path / "jars").rglob("*.jar*"))


def test_without_any_address_one_line_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(NoAddressForJars, match="No Maven repository is known: set MAVEN_REPO_URL"):
        jars.ensure(tmp_path / "jars", lock=_lock(tmp_path))


def test_an_address_that_does_not_have_the_jar_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAVEN_REPO_URL", (tmp_path / "empty").as_uri())
    with pytest.raises(LocalFailure, match=r"thing-1\.0\.jar cannot be fetched\. MAVEN_REPO_URL: "):
        jars.ensure(tmp_path / "jars", lock=_lock(tmp_path))


def test_the_own_variable_goes_before_the_mirror_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _settings(tmp_path / "home" / ".m2", "<mirrorOf>*</mirrorOf><url>https://mirror.test/all</url>")
    assert [address for address, _ in jars.addresses()] == ["https://mirror.test/all"]
    monkeypatch.setenv("MAVEN_REPO_URL", "https://own.test")
    assert [address for address, _ in jars.addresses()] == ["https://own.test"]


def test_a_blocking_mirror_is_not_an_address(tmp_path: Path) -> None:
    _settings(
        tmp_path / "home" / ".m2", "<mirrorOf>*</mirrorOf><url>http://0.0.0.0</url><blocked>true</blocked>"
    )
    assert list(jars.addresses()) == []


def test_the_mirror_of_the_installed_maven_comes_after_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAVEN_HOME", str(tmp_path / "maven"))
    _settings(tmp_path / "maven" / "conf", "<mirrorOf>central</mirrorOf><url>https://house.test</url>")
    assert [address for address, _ in jars.addresses()] == ["https://house.test"]
    _settings(tmp_path / "home" / ".m2", "<mirrorOf>central</mirrorOf><url>https://user.test</url>")
    assert [address for address, _ in jars.addresses()] == ["https://user.test"]


def test_without_a_mirror_mavens_own_model_says_where_the_center_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAVEN_HOME", str(tmp_path / "maven"))
    (tmp_path / "maven" / "lib").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "maven" / "lib" / "maven-model-builder-3.x.jar", "w") as archive:
        model = "<repositories><repository><url>https://center.test/maven</url></repository></repositories>"
        archive.writestr("org/apache/maven/model/pom-4.0.0.xml", model)
    assert [address for address, _ in jars.addresses()] == ["https://center.test/maven"]


def test_without_maven_the_installed_package_jgo_knows_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    found = jars._jgo_address()
    assert found is not None
    assert found.startswith("https://")


def test_the_lock_is_written_the_same_for_the_same_jars(tmp_path: Path) -> None:
    repository = _repository(tmp_path / "repository")
    jars.write_lock(repository, [repository / PATH], tmp_path / "written.lock")
    assert jars.locked(tmp_path / "written.lock") == jars.locked(_lock(tmp_path))


def _repository(folder: Path, content: bytes = CONTENT) -> Path:
    (folder / PATH).parent.mkdir(parents=True, exist_ok=True)
    (folder / PATH).write_bytes(content)
    return folder


def _lock(folder: Path) -> Path:
    lock = folder / "jars.lock"
    lock.write_text(f"# a comment\n{hashlib.sha256(CONTENT).hexdigest()} {len(CONTENT)} {PATH}\n")
    return lock


def _settings(folder: Path, mirror: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.xml").write_text(SETTINGS.format(f"<mirrors><mirror>{mirror}</mirror></mirrors>"))
