"""A real variable that depends on a ghost."""

from __future__ import annotations

from explorer.language import Model, Part, ghost, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.seen = ghost(var(bool, False))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = mm.seen

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
ghost_stored.py:22: mm.seen is a ghost: only properties may read it, but it decides what mm.x holds
    mm.x = mm.seen
           ^^^^^^^
"""
