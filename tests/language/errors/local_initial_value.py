"""A declared local that starts outside its range."""

from __future__ import annotations

from explorer.language import Model, Part, Range, local, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        tries = local(Range(0, 2), 5)
        while True:
            await step("try")
            tries -= 1
            mm.x = tries == 2

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
local_initial_value.py:20: the thread 'cpu' fails before its first step: tries would become 5; its range is 0..2
    tries = local(Range(0, 2), 5)
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
