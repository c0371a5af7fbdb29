"""async with on an object that is no lock."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.lock = 3


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        async with mm.lock:
            await step("inside")
            mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
async_with_no_lock.py:21: async with takes a lock, a part with async def __aenter__(self) and async def __aexit__(self, *args), not 3
    async with mm.lock:
               ^^^^^^^
"""
