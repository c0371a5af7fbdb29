"""A thread that captures a name assigned in the loop that makes it."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.a = array(Range(0, 2), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)
    for i in range(2):
        mine = i + 1

        @m.thread(f"cpu{i}")
        async def cpu() -> None:
            await step("go")
            mm.a[mine] = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
thread_captures_assignment_in_loop.py:23: mine is bound by the loop in line 17, and what is made in the loop would see only its last value: @m.thread("cpu", mine=values) above async def cpu(mine) makes one thread for each value
    mm.a[mine] = True
         ^^^^
"""
