"""isinstance() of state."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        if isinstance(box.count, int):
            box.count = 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
isinstance_of_state.py:21: isinstance tells records of a union apart, and this is an int; write is None, or compare with ==
    if isinstance(box.count, int):
       ^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
