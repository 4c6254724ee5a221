"""Kafka under our own supervisor."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from local.failure import LocalFailure
from local.kafka import Kafka, java


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    broker = Kafka(tmp_path_factory.mktemp("broker") / "kafka")
    broker.start()
    yield broker
    broker.stop()


def test_topics_are_made_once_and_keep_their_partitions(kafka: Kafka) -> None:
    for _ in range(2):
        kafka.ensure_topics({"be.members.v1": 6, "be.control.v1": 1})
    found = {topic: partitions for topic, partitions, _records in Kafka.topics_of(kafka.bootstrap)}
    assert found["be.members.v1"] == 6
    assert found["be.control.v1"] == 1


async def test_an_acknowledged_record_survives_a_kill_on_the_same_address(kafka: Kafka) -> None:
    kafka.ensure_topics({"kept": 1})
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    await producer.start()
    await producer.send_and_wait("kept", b"seven")
    await producer.stop()
    bootstrap = kafka.bootstrap
    kafka.kill()
    kafka.start()
    assert kafka.bootstrap == bootstrap
    consumer = AIOKafkaConsumer("kept", bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    record = await consumer.getone()
    await consumer.stop()
    assert record.value == b"seven"


def test_the_log_says_what_the_broker_did(kafka: Kafka) -> None:
    assert "Kafka Server started" in kafka.log.read_text()


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "kafka" / "records").mkdir(parents=True)
    (tmp_path / "kafka" / "records" / "meta.properties").write_text("version=1\nnode.id=99\n")
    with pytest.raises(LocalFailure, match=r"(?s)Kafka ended while starting .*Its log is .*No readable meta"):
        Kafka(tmp_path / "kafka").start()


def test_without_any_java_the_sentence_says_what_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LocalFailure, match="neither JAVA_HOME nor the path leads to a java of version 17"):
        java()
