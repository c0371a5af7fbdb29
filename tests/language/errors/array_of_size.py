"""array() with a size instead of an index."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = array(3, Range(0, 3), lambda i: 0)


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
array_of_size.py:11: a sort must be bool, an Enum class, a @record class, Range, Scalarset, optional, subset, pairs or union, not 3; 3 values are Range(0, 2)
    self.count = array(3, Range(0, 3), lambda i: 0)
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
