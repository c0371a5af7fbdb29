"""Two plain routines that call each other."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def even(self, n: int) -> bool:
        return True if n == 0 else self.odd(n - 1)

    def odd(self, n: int) -> bool:
        return False if n == 0 else self.even(n - 1)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.even(3)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
recursion_of_two.py:17: even() calls itself; recursion is not part of the language: write a loop
    return False if n == 0 else self.even(n - 1)
                                ^^^^^^^^^^^^^^^^
"""
