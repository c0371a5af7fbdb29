"""A routine with a ** parameter."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def set(self, **values: bool) -> None:
        self.x = True


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.set(value=True)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
star_star_parameter.py:13: a ** parameter is not part of the language; name the parameters
    def set(self, **values: bool) -> None:
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
