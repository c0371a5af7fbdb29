"""local without a sort."""

from __future__ import annotations

from explorer.language import Model, Part, local, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        tries = local(0)
        while True:
            await step("go")
            tries += 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
local_wrong_arguments.py:20: local takes a sort and the initial value, tries = local(Range(0, 3), 0), not 1 of them
    tries = local(0)
            ^^^^^^^^
"""
