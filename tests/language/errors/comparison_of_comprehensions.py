"""Two comprehensions compared."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.a = array(Range(0, 1), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = [mm.a[i] for i in range(2)] == [True, True]

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
comparison_of_comprehensions.py:22: comprehensions can't be compared: write all(...) or any(...) over the elements
    mm.x = [mm.a[i] for i in range(2)] == [True, True]
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
