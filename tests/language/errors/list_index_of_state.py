"""A list of the model indexed by state."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    table = [1, 2, 3, 0]

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        box.count = table[box.count]

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
list_index_of_state.py:23: only arrays of state can be indexed by a value that depends on the state, and table is a list: declare self.a = array(index, element, init)
    box.count = table[box.count]
                ^^^^^^^^^^^^^^^^
"""
