"""A Kubernetes API server, asked over HTTP: objects as they are, and what it warned of."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

Object = dict[str, Any]
T = TypeVar("T")

REQUEST_SECONDS: Final = 120.0
POLL_SECONDS: Final = 0.5
LIST_MAX: Final = 5000
_DISCOVERY: Final = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


class TooLate(AssertionError):
    """What was waited for did not come in time; the text has what was there instead."""


def until(what: str, fact: Callable[[], T], *, seconds: float = 60) -> T:
    """Wait until the fact is true, and give it. Raises TooLate with the sentence and what was seen last."""
    ends = time.monotonic() + seconds
    while not (seen := fact()):
        if time.monotonic() > ends:
            raise TooLate(f"after {seconds:g} s it is not true that {what}; seen last: {seen!r}")
        time.sleep(POLL_SECONDS)
    return seen


def none_left(what: str, those: Callable[[], Any], *, seconds: float = 60) -> None:
    """Wait until there is none of them. Raises TooLate with the sentence and those that are left."""
    ends = time.monotonic() + seconds
    while left := those():
        if time.monotonic() > ends:
            raise TooLate(f"after {seconds:g} s it is not true that {what}; left: {left!r}")
        time.sleep(POLL_SECONDS)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: its status, the object or the refusal, and its warnings."""

    status: int
    body: Object
    warnings: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether it did not do it."""
        return self.status >= 400

    @property
    def says(self) -> str:
        """The refusal's sentence; empty where it did it."""
        return str(self.body.get("message", "")) if self.is_refused else ""


@dataclass(slots=True)
class Api:
    """The server, as somebody who may do everything."""

    url: str
    token: str
    certificate: Path
    _client: httpx.Client | None = None
    _paths: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)

    def close(self) -> None:
        """Close its connections."""
        if self._client is not None:
            self._client.close()

    def is_ready(self) -> bool:
        """Whether it says so itself."""
        try:
            return self.ask("GET", "/readyz").status == 200
        except (httpx.TransportError, OSError):
            return False

    def discover(self) -> set[str]:
        """Learn which kinds it serves, again after definitions were added: `clusters.postgresql.cnpg.io`."""
        names = set()
        found: dict[tuple[str, str], tuple[str, bool]] = {}
        for root in ("/api", "/apis"):
            for group in self.ask("GET", root, accept=_DISCOVERY).body["items"]:
                name = group["metadata"].get("name", "")
                for version in group["versions"]:
                    whole = f"{name}/{version['version']}" if name else version["version"]
                    for each in version["resources"]:
                        path = f"{root}/{whole}"
                        is_namespaced = each["scope"] == "Namespaced"
                        key = (whole, each["responseKind"]["kind"])
                        names.add(f"{each['resource']}.{name}")
                        found[key] = (f"{path}|{each['resource']}", is_namespaced)
        self._paths = found
        return names

    def apply(self, each: Object, *, namespace: str, manager: str, dry_run: bool = False) -> Answer:
        """Server-side apply, strict about fields; never forces."""
        query = {"fieldManager": manager, **_strict(dry_run=dry_run)}
        if (unknown := self._unknown(each)) is not None:
            return unknown
        path = self._path(each["apiVersion"], each["kind"], namespace, each["metadata"]["name"])
        return self.ask("PATCH", path, query, body=each, content="application/apply-patch+yaml")

    def create(self, each: Object, *, namespace: str = "", dry_run: bool = False) -> Answer:
        """Create it."""
        query = _strict(dry_run=dry_run)
        if (unknown := self._unknown(each)) is not None:
            return unknown
        path = self._path(each["apiVersion"], each["kind"], namespace)
        return self.ask("POST", path, query, body=each)

    def create_text(self, text: str, version: str, kind: str) -> Answer:
        """Create a cluster-wide object as it is written in YAML, without reading it."""
        return self.ask("POST", self._path(version, kind, ""), text=text, content="application/yaml")

    def patch(self, kind: str, name: str, change: Object, *, namespace: str, manager: str) -> Answer:
        """A change by hand, as `kubectl` would send it, under the name of that program."""
        path = self._path(*self._key(kind), namespace, name)
        return self.ask(
            "PATCH",
            path,
            {"fieldManager": manager},
            body=change,
            content="application/strategic-merge-patch+json",
        )

    def get(self, kind: str, name: str, *, namespace: str = "") -> Object | None:
        """The object, or None."""
        answer = self.ask("GET", self._path(*self._key(kind), namespace, name))
        return None if answer.status == 404 else _done(answer).body

    def one(self, kind: str, name: str, *, namespace: str = "") -> Object:
        """The object, which must be there."""
        found = self.get(kind, name, namespace=namespace)
        assert found is not None, f"there is no {kind} {name} in {namespace}"
        return found

    def list(
        self, kind: str, *, namespace: str = "", labels: Mapping[str, str] | None = None
    ) -> list[Object]:
        """The objects of a kind, at most LIST_MAX; of all namespaces where none is named."""
        query = {"limit": str(LIST_MAX)}
        if labels:
            query["labelSelector"] = ",".join(f"{key}={value}" for key, value in labels.items())
        path = self._path(*self._key(kind), namespace)
        body = _done(self.ask("GET", path, query)).body
        assert not body["metadata"].get("continue"), f"more than {LIST_MAX} of {kind}"
        items: list[Object] = body["items"]
        return items

    def delete(self, kind: str, name: str, *, namespace: str = "") -> Answer:
        """Delete it; what depends on it goes in the background."""
        return self.ask("DELETE", self._path(*self._key(kind), namespace, name))

    def evict(self, pod: Object) -> Answer:
        """Ask a pod to go, as a drain does: the disruption budget may say no (429)."""
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
        }
        return self.ask("POST", self._path("v1", "Pod", namespace, name) + "/eviction", body=body)

    def ask(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Object | None = None,
        text: str | None = None,
        content: str = "application/json",
        accept: str = "application/json",
    ) -> Answer:
        """One request. Raises httpx.TransportError where nobody answers."""
        if self._client is None:
            context = ssl.create_default_context(cafile=str(self.certificate))
            self._client = httpx.Client(
                base_url=self.url,
                headers={"Authorization": f"Bearer {self.token}"},
                verify=context,
                timeout=REQUEST_SECONDS,
            )
        sent = json.dumps(body) if body is not None else text
        answer = self._client.request(
            verb, path, params=query, content=sent, headers={"Content-Type": content, "Accept": accept}
        )
        warnings = tuple(part.split('"')[1] for part in answer.headers.get_list("Warning") if '"' in part)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return Answer(answer.status_code, answer.json() if is_json else {"text": answer.text}, warnings)

    def _unknown(self, each: Object) -> Answer | None:
        """What kubectl and Helm say before they ask: the server knows no such kind."""
        version, kind = each["apiVersion"], each["kind"]
        if (version, kind) in self._paths:
            return None
        return Answer(404, {"message": f'no matches for kind "{kind}" in version "{version}"'})

    def _key(self, kind: str) -> tuple[str, str]:
        for version, name in self._paths:
            if name == kind:
                return version, name
        raise LookupError(f"the server has no kind {kind}")

    def _path(self, version: str, kind: str, namespace: str, name: str = "") -> str:
        found = self._paths[version, kind]
        (root, resource), is_namespaced = found[0].split("|"), found[1]
        middle = f"/namespaces/{namespace}" if is_namespaced and namespace else ""
        return f"{root}{middle}/{resource}" + (f"/{name}" if name else "")


def _strict(*, dry_run: bool) -> dict[str, str]:
    return {"fieldValidation": "Strict"} | ({"dryRun": "All"} if dry_run else {})


def _done(answer: Answer) -> Answer:
    assert not answer.is_refused, f"{answer.status}: {answer.says or answer.body}"
    return answer
