"""An assertion that fails before a thread's first step ended with an internal error."""

from __future__ import annotations

from explorer.language import Model, step

REFUSED = "before its first step"


def model() -> Model:
    m = Model()

    @m.thread("worker")
    async def worker() -> None:
        limit = 3
        assert limit > 3
        await step("never")

    return m
