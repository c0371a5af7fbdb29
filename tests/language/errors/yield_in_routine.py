"""A generator called by a coroutine."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def bits(self) -> Iterator[bool]:
        yield self.x


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = any(mm.bits())

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
yield_in_routine.py:16: yield is not part of the language; a thread is an async def that awaits step(...)
    yield self.x
    ^^^^^^^^^^^^
"""
