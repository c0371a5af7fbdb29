"""A declared local that leaves its range."""

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
        tries = local(Range(0, 2), 0)
        while True:
            await step("try")
            tries += 1
            mm.x = tries == 2

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
range_of_a_local.py:23: tries would become 3; its range is 0..2
    tries += 1
    ^^^^^^^^^^
"""
