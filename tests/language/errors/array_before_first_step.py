"""An array read before a thread's first step."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.a = array(Range(0, 1), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        found = mm.a[0]
        await step("go")
        mm.a[1] = found

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
array_before_first_step.py:20: mm.a is state, and before a thread's first step no state is read, written or chosen: put await step(...) before it
    found = mm.a[0]
            ^^^^^^^
"""
