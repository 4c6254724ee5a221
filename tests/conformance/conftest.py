import os
from collections.abc import Iterator

import pytest

from local.kafka import Kafka


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The broker under test: our own, or the one that BROKER_BOOTSTRAP names."""
    if other := os.environ.get("BROKER_BOOTSTRAP"):
        yield other
        return
    broker = Kafka(tmp_path_factory.mktemp("conformance") / "kafka")
    broker.start()
    yield broker.bootstrap
    broker.stop()
