"""A variable of the enclosing function is no state."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)
    count = 0

    @m.thread("cpu")
    async def cpu() -> None:
        nonlocal count
        await step("go")
        count += 1
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
nonlocal_statement.py:21: nonlocal is not part of the language; declare state in a part: self.x = var(sort, init)
    nonlocal count
    ^^^^^^^^^^^^^^
"""
