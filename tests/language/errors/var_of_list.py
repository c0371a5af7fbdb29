"""var() of a list."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(list[int], [])


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
var_of_list.py:11: a sort must be bool, an Enum class, a @record class, Range, Scalarset, optional, subset, pairs or union, not list; declare self.a = array(index, element, init), or a subset
    self.count = var(list[int], [])
                 ^^^^^^^^^^^^^^^^^^
"""
