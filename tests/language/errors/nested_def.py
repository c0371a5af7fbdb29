"""A def in a coroutine."""

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

        def flip() -> None:
            mm.x = not mm.x

        flip()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
nested_def.py:22: def is not part of the language; define the routine outside this one, or as a method of a part
    def flip() -> None:
    ^^^^^^^^^^^^^^^^^^^
"""
