"""A local that is read before it is assigned."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        if mm.x:
            found = True
        mm.x = found

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
local_before_assignment.py:23: the local found is read here, and on the way here it may not have been assigned
    mm.x = found
           ^^^^^
"""
