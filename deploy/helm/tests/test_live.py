"""Layer 8: the pods of a country run here, by what the rendered objects say and by nothing else.

PostgreSQL, Kafka with the chart's grants, and the simulated outside parties are real programs. What stays
untried: the operators, policies and scalers that a cluster would bring.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import TopicAuthorizationFailedError

from commons.kafka import tls_context
from deploy.helm.tests.certificates import Authority
from deploy.helm.tests.meaning import of
from deploy.helm.tests.pods import (
    LOOPBACK,
    Image,
    Place,
    Running,
    free_ports,
    pods_of,
    services_here,
    started,
)
from deploy.helm.tests.rendering import ROOT, SERVICES, cell
from deploy.helm.tests.surroundings import (
    addresses_of,
    grant,
    scraped,
    secrets_of,
    tls_before_postgres,
    topics_watched,
)
from deploy.images.dockerfile import HOME
from local.child import free_port
from local.kafka import SecureDoor
from local.paths import jars_dir
from local.processes import processes
from local.stack import Stack
from tests.e2e.addresses import Addresses
from tests.e2e.client import Gateway
from tests.e2e.places import PLACES
from tests.e2e.traces import collected_traces, traces_with
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.layer(8), pytest.mark.xdist_group("layer 8")]

COUNTRY: Final = "be"
COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"
MIGRATE_SECONDS_MAX: Final = 300.0
RENDERED: Final = cell(COUNTRY)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Town:
    """The pods of a country, and what stands around them."""

    stack: Stack
    pods: Mapping[str, Running]
    ports: Mapping[str, Mapping[str, int]]
    place: Place
    broker_port: int
    grants: int


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """Everything is begun at once, as Helm does: pods wait for their migrations by themselves."""
    root = tmp_path_factory.mktemp("layer8")
    databases, brokers = Authority("databases"), Authority("brokers")
    (root / "authority.pem").write_bytes(brokers.certificate)
    key, certificate = brokers.signed("broker", address=LOOPBACK)
    (root / "broker.pem").write_bytes(key + certificate)
    door = SecureDoor(free_port(), root / "broker.pem", root / "authority.pem")
    parties = Stack(
        root / "stack",
        port_base=0,
        # Production refuses a database that could forget a commit.
        durable=True,
        supervise=False,
        table=lambda machine: [one for one in processes(machine) if one.name == "simulators"],
        secure_door=door,
    )
    with collected_traces(root) as traces:
        async with (
            parties as stack,
            tls_before_postgres(stack.cell.ports["postgres"], databases, root) as database_port,
        ):
            grants = await grant(RENDERED, stack.cell.bootstrap)
            pods = pods_of(RENDERED)
            ports = free_ports(pods)
            collector = traces["OTEL_EXPORTER_OTLP_ENDPOINT"]
            made = {
                str(HOME / "jars"): jars_dir(),
                str(HOME / "gateway/node_modules"): ROOT / "gateway/node_modules",
            }
            place = Place(
                root=root / "pods",
                secrets=secrets_of(RENDERED, database_port, databases, brokers),
                instead={
                    **addresses_of(RENDERED, stack.cell, door.port, collector),
                    **services_here(RENDERED, ports),
                },
                images={
                    part: Image.of(part, root / "images", made, COMMIT)
                    for part in sorted({pod.part for pod in pods})
                },
            )
            running: dict[str, Running] = {}
            try:
                for pod in pods:
                    running[pod.name] = started(pod, place, ports[pod.name])
                await _together(_until_well, list(running.values()))
                yield Town(stack, running, ports, place, door.port, grants)
            finally:
                for one in running.values():
                    await asyncio.to_thread(one.child.kill)


async def _together(do: Callable[[Running], T], pods: Sequence[Running]) -> list[T]:
    """Do it with each at the same time: every one has a wait of its own."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(len(pods)) as pool:
        return await asyncio.gather(*(loop.run_in_executor(pool, do, one) for one in pods))


def _until_well(one: Running) -> None:
    if one.pod.kind == "Job":
        one.until_done(MIGRATE_SECONDS_MAX)
    else:
        one.until_ready()


def _deployments(town: Town) -> list[Running]:
    return [one for one in town.pods.values() if one.pod.kind == "Deployment"]


async def test_every_pod_becomes_ready_by_its_own_probes_and_every_job_ends_well(town: Town) -> None:
    kinds = [(one.pod.kind, one.pod.program) for one in town.pods.values()]
    assert kinds.count(("Job", "migrate")) == len(SERVICES)
    assert kinds.count(("Deployment", "api")) == len(SERVICES)
    assert kinds.count(("Deployment", "worker")) >= len(SERVICES)
    assert kinds.count(("Deployment", "serve")) == 1
    for one in _deployments(town):
        assert one.child.running, one.said()
        assert one.ready_after_seconds > 0


async def test_prometheus_finds_each_program_and_the_commit_that_it_was_built_from(town: Town) -> None:
    for one in _deployments(town):
        places = scraped(RENDERED, one.pod)
        assert len(places) == 1, f"{one.pod.name} is looked at {len(places)} times"
        for port, path in places:
            assert one.child.running, one.said()
            async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
                answer = await http.get(f"http://{LOOPBACK}:{one.ports[port]}{path}")
            assert answer.status_code == 200
            assert f'build_info{{commit="{COMMIT}"}} 1.0' in answer.text, one.pod.name


async def test_each_group_that_a_scaler_watches_reads_the_topics_that_it_looks_at(town: Town) -> None:
    async def read_by_groups() -> dict[str, set[str]]:
        return {group: await _topics_of(town.stack.cell.bootstrap, group) for group in watched}

    watched = topics_watched(RENDERED)
    assert len(watched) >= len(SERVICES) - 1
    await until(
        "every group has its topics",
        read_by_groups,
        lambda found: all(watched[group] <= found[group] for group in watched),
    )


async def test_the_broker_lets_a_service_read_what_it_declares_and_nothing_else(
    town: Town, tmp_path: Path
) -> None:
    assert town.grants >= 5 * len(SERVICES)
    for name, key in (("user.crt", "user.crt"), ("user.key", "user.key")):
        (tmp_path / name).write_bytes(town.place.secrets["members", key])
    (tmp_path / "ca.crt").write_bytes(town.place.secrets["events-cluster-ca-cert", "ca.crt"])
    tls = tls_context(*(str(tmp_path / name) for name in ("ca.crt", "user.crt", "user.key")))
    consumer = AIOKafkaConsumer(
        bootstrap_servers=f"{LOOPBACK}:{town.broker_port}", security_protocol="SSL", ssl_context=tls
    )
    async with asyncio.timeout(60):
        await consumer.start()
        try:
            # What no grant names cannot even be seen.
            assert f"{COUNTRY}.payroll.v1" not in await consumer.topics()
            assert f"{COUNTRY}.invoicing.v1" in await consumer.topics()
        finally:
            await consumer.stop()
    for one in _deployments(town):
        assert TopicAuthorizationFailedError.__name__ not in one.child.output_since_start(), one.pod.name
        assert "AuthorizationFailed" not in one.child.output_since_start(), one.pod.name


async def test_a_fact_goes_from_the_door_of_the_world_through_every_service(town: Town) -> None:
    addresses = _addresses(town)
    place = PLACES[COUNTRY.upper()]
    enterprise = place.enterprise_number()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        gateway = Gateway(http, addresses)
        operator = await gateway.persona("operator")
        entity = await operator.ask(
            "register_entity",
            name="Layer Eight SC",
            legal_form=place.legal_form,
            enterprise_number=enterprise,
            vat_number=place.vat_number(enterprise),
            iban=place.iban(),
            street=place.street,
            post_code=place.post_code,
            city=place.city,
            simulated=False,
            day=None,
        )
        # Every service has heard of it: it was published and read by certificate, within the grants of the chart.
        await until(
            "all five services know the entity",
            lambda: operator.ask("business_days", entity_id=entity["id"]),
            lambda seen: seen is not None and None not in seen.values(),
        )


async def test_the_routes_lead_to_paths_that_are_served(town: Town) -> None:
    [route] = of(RENDERED.services, "HTTPRoute")
    tried = set()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        for rule in route["spec"]["rules"]:
            [backend] = rule["backendRefs"]
            port = _port_of_service(town, backend["name"], backend["port"])
            for match in rule["matches"]:
                path, kind = match["path"]["value"], match["path"]["type"]
                if kind == "Exact":
                    answer = await http.post(
                        f"http://{LOOPBACK}:{port}{path}", json={"query": "{ __typename }"}
                    )
                    # Production tells nobody anything without a token: the gateway's own words.
                    [error] = answer.json()["errors"]
                    assert error["extensions"]["code"] == "UNAUTHENTICATED", path
                    assert error["extensions"]["country"] == COUNTRY.upper()
                else:
                    # The page behind a link that nobody signed says so itself.
                    answer = await http.get(f"http://{LOOPBACK}:{port}{path}/nobody-signed-this")
                    assert answer.status_code in (400, 401, 403, 404, 410), path
                    assert answer.headers["content-type"].startswith("text/html"), path
                tried.add(path)
    assert tried == {"/orders", "/graphql", f"/c/{COUNTRY}/graphql"}


async def test_each_pod_says_not_ready_and_ends_well_within_its_grace(town: Town) -> None:
    deployments = _deployments(town)
    took = await _together(Running.drained, deployments)
    for one, seconds in zip(deployments, took, strict=True):
        assert seconds < one.pod.grace_seconds - one.pod.pre_stop_seconds
    # Whoever is behind a Service answers on while it says that it is not ready; nobody asks a worker anything.
    asked = [one for one in deployments if one.pod.pre_stop_seconds]
    assert {one.pod.program for one in asked} == {"api", "serve"}
    assert len(asked) == len(SERVICES) + 1
    for one in asked:
        assert one.saw_draining, f"{one.pod.name} never said that it was draining"
    # What a collector was told carries the words of the chart.
    root = town.place.root.parent
    words = [f"coop-{COUNTRY}", "partage.country", "deployment.environment.name"]
    assert traces_with(root, words) == words
    # Whoever runs there may write to /tmp alone.
    assert {part: image.written_since() for part, image in town.place.images.items()} == {
        part: [] for part in town.place.images
    }


async def _topics_of(bootstrap: str, group: str) -> set[str]:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    async with asyncio.timeout(30):
        await client.start()
        try:
            [answer] = await client.describe_consumer_groups([group])
            members = [member for found in answer.groups for member in found[5]]
            given = [ConsumerProtocolMemberAssignment.decode(member[-1]) for member in members if member[-1]]
            return {topic for one in given for topic, _ in one.assignment}
        finally:
            await client.close()


def _port_of_service(town: Town, name: str, port: int) -> int:
    ending = "" if port == 80 else f":{port}"
    return int(town.place.here(f"http://{name}{ending}/").rstrip("/").rpartition(":")[2])


def _addresses(town: Town) -> Addresses:
    named = dict(town.stack.addresses)
    named["GATEWAY_URL"] = town.place.here("http://gateway/").rstrip("/")
    return Addresses.of(named)
