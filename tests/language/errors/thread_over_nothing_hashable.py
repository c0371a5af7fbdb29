"""Threads over values that are lists."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu", cpus=([1], [2]))
    async def cpu(cpus: list[int]) -> None:
        await step("go")
        mm.x = cpus == [1]

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
thread_over_nothing_hashable.py:20: the local cpus holds a list across a step, which may change: use a tuple or a frozenset
    await step("go")
          ^^^^^^^^^^
"""
