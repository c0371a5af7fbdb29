"""A double-star argument in a call."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.how = {"value": True}

    def set(self, value: bool) -> None:
        self.x = value


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.set(**mm.how)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
star_star_argument.py:25: a star argument is not part of the language; pass the arguments one by one
    mm.set(**mm.how)
           ^^^^^^^^
"""
