"""A declared local that gets a value of another sort."""

from __future__ import annotations

from explorer.language import Model, Part, Range, local, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        tries = local(Range(0, 3), 0)
        await step("go")
        tries = mm.x
        tries = None
        await step("again")
        mm.x = tries == 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
local_of_another_sort.py:23: tries can't hold it: None is not a value of the sort 0..3
    tries = None
    ^^^^^^^^^^^^
"""
