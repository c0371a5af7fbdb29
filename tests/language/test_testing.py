"""The strategies for a user's own property-based tests, used on the shipped model as the README shows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from explorer import UsageError, check, load, replay
from explorer.models.linux.gup import Gup
from explorer.models.linux.kernels import kernel
from explorer.models.rdma_fork import rdma_fork
from explorer.testing import parameters, walks

SLOW = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


@SLOW
@given(parameters(rdma_fork, kernel=kernel("v6.18"), gup=Gup.PIN, frames=0))
def test_fixed_kernel_keeps_the_page(arguments: dict[str, Any]) -> None:
    result = check(rdma_fork(**arguments), properties=["pinned_page_stays"])
    assert not result.violated and not result.error


@SLOW
@given(st.data())
def test_every_walk_replays(data: st.DataObject) -> None:
    model = load("rdma_fork")(kernel=kernel("v5.10"))
    schedule = data.draw(walks(model, 25))
    trace, _ = replay(model, schedule)
    assert trace.schedule == schedule


def test_unknown_parameter() -> None:
    with pytest.raises(UsageError, match="has no parameter 'kernal'"):
        parameters(rdma_fork, kernal=1)
