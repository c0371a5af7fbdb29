"""A class in a routine."""

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

        class Local:
            pass

        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
class_statement.py:22: class is not part of the language; define it outside the coroutine
    class Local:
    ^^^^^^^^^^^^
"""
