"""A static value augmented in a method."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.seen = 0

    def count(self) -> None:
        self.seen += 1


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.count()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
static_assigned_by_method.py:15: mm.seen is a static value and is never assigned after __init__; in __init__, declare self.seen = var(sort, init)
    self.seen += 1
    ^^^^^^^^^
"""
