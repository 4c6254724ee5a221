"""What a cluster would put around the pods: secrets of the operators, grants of the broker, TLS before PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from deploy.helm.tests.certificates import Authority, rsa_key
from deploy.helm.tests.meaning import of
from deploy.helm.tests.pods import LOOPBACK, Pod
from deploy.helm.tests.rendering import HELM, Cell, read
from local.processes import Cell as Machine

CHUNK_BYTES: Final = 65_536
SSL_REQUEST: Final = bytes([0, 0, 0, 8, 4, 210, 22, 47])
GRANT_SECONDS_MAX: Final = 30.0
# Kafka's own numbers.
_RESOURCES: Final = {"topic": 2, "group": 3, "cluster": 4}
_OPERATIONS: Final = {"Read": 3, "Write": 4, "Describe": 8, "IdempotentWrite": 12}
_LITERAL: Final = 3
_ALLOW: Final = 3


def secrets_of(
    cell: Cell, database_port: int, databases: Authority, brokers: Authority
) -> dict[tuple[str, str], bytes]:
    """Every secret that an object of the cell has somebody make, by name and key, as that one makes it."""
    made: dict[tuple[str, str], bytes] = {}
    for each in of(cell.data, "Cluster"):
        name, database = each["metadata"]["name"], each["spec"]["bootstrap"]["initdb"]
        uri = f"postgresql://{database['owner']}@{LOOPBACK}:{database_port}/{database['database']}"
        made[f"{name}-app", "uri"] = uri.encode()
        made[f"{name}-ca", "ca.crt"] = databases.certificate
    for each in of(cell.data, "Kafka"):
        made[f"{each['metadata']['name']}-cluster-ca-cert", "ca.crt"] = brokers.certificate
    for each in of(cell.data, "KafkaUser"):
        name = each["metadata"]["name"]
        made[name, "user.key"], made[name, "user.crt"] = brokers.signed(name)
    for each in of(cell.services, "ExternalSecret"):
        for one in each["spec"]["data"]:
            made[each["spec"]["target"]["name"], one["secretKey"]] = _OF_THE_WORLD[one["secretKey"]]()
    return made


def addresses_of(cell: Cell, machine: Machine, broker_port: int, collector: str) -> dict[str, str]:
    """What stands on this machine for the addresses that the chart writes out."""
    [kafka] = of(cell.data, "Kafka")
    [listener] = kafka["spec"]["kafka"]["listeners"]
    bootstrap = f"{kafka['metadata']['name']}-kafka-bootstrap.{cell.namespace}.svc:{listener['port']}"
    values = read(HELM / "services" / "values.yaml")
    parties = values["parties"]
    return {
        bootstrap: f"{LOOPBACK}:{broker_port}",
        values["telemetry"]["endpoint"]: collector,
        values["identity"]["issuer"]: machine.url("identity"),
        parties["mail"]: machine.url("mail"),
        parties["eInvoice"]: machine.url("e_invoice"),
        parties["authority"]: machine.url("authority"),
        parties["bank"]: machine.url("bank"),
    }


async def grant(cell: Cell, bootstrap: str) -> int:
    """Grant each KafkaUser what its object says, as the user operator would; how many grants."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    count = 0
    async with asyncio.timeout(GRANT_SECONDS_MAX):
        await client.start()
        try:
            for each in of(cell.data, "KafkaUser"):
                for rule in each["spec"]["authorization"]["acls"]:
                    for operation in rule["operations"]:
                        await _granted(client, each["metadata"]["name"], rule["resource"], operation)
                        count += 1
        finally:
            await client.close()
    return count


@asynccontextmanager
async def tls_before_postgres(postgres_port: int, authority: Authority, root: Path) -> AsyncIterator[int]:
    """A port that speaks with clients as PostgreSQL does with `hostssl`: by TLS or not at all.

    The PostgreSQL of this machine was built without TLS; whoever comes here without it is hung up on.
    """
    key, certificate = authority.signed("database", address=LOOPBACK)
    identity = root / "database.pem"
    identity.write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            if await reader.readexactly(len(SSL_REQUEST)) == SSL_REQUEST:
                writer.write(b"S")
                await writer.drain()
                await writer.start_tls(context)
                beyond = await asyncio.open_connection(LOOPBACK, postgres_port)
                await asyncio.gather(_passed(reader, beyond[1]), _passed(beyond[0], writer))
        writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def topics_watched(cell: Cell) -> dict[str, set[str]]:
    """For each consumer group that a scaler watches, the topics that it looks at."""
    found: dict[str, set[str]] = {}
    for each in of(cell.services, "ScaledObject"):
        for trigger in each["spec"]["triggers"]:
            about = trigger["metadata"]
            found.setdefault(about["consumerGroup"], set()).add(about["topic"])
    return found


def scraped(cell: Cell, pod: Pod) -> list[tuple[str, str]]:
    """Port and path at which Prometheus looks at a pod, from the PodMonitors that select it."""
    found = []
    for each in of(cell.services, "PodMonitor"):
        selector = each["spec"]["selector"]
        is_chosen = selector.get("matchLabels", {}).items() <= pod.labels.items() and all(
            pod.labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ())
        )
        if is_chosen:
            found += [(one["port"], one["path"]) for one in each["spec"]["podMetricsEndpoints"]]
    return found


async def _granted(
    client: AIOKafkaAdminClient, user: str, resource: Mapping[str, Any], operation: str
) -> None:
    answer = await client._send_to_controller(
        CreateAclsRequest(
            _RESOURCES[resource["type"]],
            resource.get("name", "kafka-cluster"),
            _LITERAL,
            f"User:CN={user}",
            "*",
            _OPERATIONS[operation],
            _ALLOW,
        )
    )
    assert [code for code, _ in answer.creation_responses] == [0], answer


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


def _key_of_32_bytes() -> bytes:
    return base64.b64encode(secrets.token_bytes(32))


_OF_THE_WORLD: Final = {
    "link-key": _key_of_32_bytes,
    "data-key": _key_of_32_bytes,
    "authority-client-key": rsa_key,
}
