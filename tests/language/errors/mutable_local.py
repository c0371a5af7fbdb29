"""A list that is held across a step."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)
        self.log = [0]


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        log = mm.log
        await step("go")
        mm.n = log[0]

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
mutable_local.py:22: the local log holds a list across a step, which may change: use a tuple or a frozenset
    await step("go")
          ^^^^^^^^^^
"""
