"""local inside an expression."""

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
        tries = local(Range(0, 3), 0) + 1
        await step("go")
        mm.x = tries == 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
local_outside_assignment.py:20: local(...) stands alone on the right of an assignment: tries = local(Range(0, 3), 0)
    tries = local(Range(0, 3), 0) + 1
            ^^^^^^^^^^^^^^^^^^^^^
"""
