"""The arguments of var() swapped."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(0, Range(0, 3))


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
var_swapped.py:11: a sort must be bool, an Enum class, a @record class, Range, Scalarset, optional, subset, pairs or union, not 0
    self.count = var(0, Range(0, 3))
                 ^^^^^^^^^^^^^^^^^^^
"""
