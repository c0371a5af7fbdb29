"""A static value assigned after __init__."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.limit = 3


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.limit = 4

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
static_assigned_later.py:22: mm.limit is a static value and is never assigned after __init__; in __init__, declare self.limit = var(sort, init)
    mm.limit = 4
    ^^^^^^^^
"""
