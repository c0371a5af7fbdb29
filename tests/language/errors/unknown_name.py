"""A name that is not defined."""

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
        mm.x = flse

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
unknown_name.py:21: the name flse is not defined
    mm.x = flse
           ^^^^
"""
