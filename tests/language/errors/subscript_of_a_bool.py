"""A subscript of something that is no array."""

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
        mm.x = mm.x[0]

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
subscript_of_a_bool.py:21: mm.x is a bool, which has no elements
    mm.x = mm.x[0]
           ^^^^^^^
"""
