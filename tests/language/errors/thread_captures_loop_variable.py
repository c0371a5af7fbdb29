"""A thread that captures a loop variable: all threads would see its last value."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.a = array(Range(0, 1), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    for i in range(2):

        @m.thread(f"cpu{i}")
        async def cpu() -> None:
            await step("go")
            mm.a[i] = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
thread_captures_loop_variable.py:23: i is bound by the loop in line 18, and what is made in the loop would see only its last value: @m.thread("cpu", i=values) above async def cpu(i) makes one thread for each value
    mm.a[i] = True
         ^
"""
