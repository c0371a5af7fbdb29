"""State that is not declared."""

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
        mm.y = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
unknown_state_attribute.py:21: mm.y is not declared as state; in __init__, declare self.y = var(sort, init)
    mm.y = True
    ^^^^
"""
