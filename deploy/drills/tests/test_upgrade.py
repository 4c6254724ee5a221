"""The short form of the drill: one service is replaced under load, with an expansion of its schema in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.drills.upgrade import REPLICAS, drill, require_nothing_failed


@pytest.mark.slow
@pytest.mark.layer(10)
async def test_no_request_fails_while_every_process_of_a_service_is_replaced(tmp_path: Path) -> None:
    found = await drill(
        tmp_path, services=["members"], with_gateway=False, kinds=["expand"], pre_stop_seconds=0.5
    )

    require_nothing_failed(found)
    assert found.replaced == REPLICAS + 1, "each api and the worker"
    assert found.unready_before_migration == 1
    assert found.writes > 10, "there was a load"
    assert found.reads > 10, "there was a load"
