"""var() without a part."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    n = var(Range(0, 3), 0)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        n = 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
state_local_to_model.py:23: n is a name of the enclosing function, and assigning it here would make a new local: use another name, or declare state in a part, self.x = var(sort, init)
    n = 1
    ^
"""
