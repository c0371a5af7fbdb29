"""A dict comprehension in a coroutine."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        table = {i: i for i in range(3)}
        mm.n = table[1]

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
dict_comprehension.py:21: a dict comprehension is not part of the language; declare an array: self.a = array(index, element, init)
    table = {i: i for i in range(3)}
            ^^^^^^^^^^^^^^^^^^^^^^^^
"""
