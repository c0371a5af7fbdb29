"""A local that counts without bound."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("start")
        tries = mm.n
        while True:
            await step("try")
            tries += 1
            mm.x = tries == 3

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
local_without_bound.py:22: the local tries grows from step to step, and its range can't be computed: declare it, tries = local(Range(lo, hi), init)
    tries = mm.n
    ^^^^^
"""
