"""A thread whose condition captures a variable of a loop over pairs."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    for name, limit in (("one", 1), ("two", 2)):

        @m.thread(name)
        async def cpu() -> None:
            await step("go", when=lambda: limit > 1)
            mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
thread_captures_loop_variable_of_a_tuple.py:22: limit is bound by the loop in line 18, and what is made in the loop would see only its last value: @m.thread("cpu", limit=values) above async def cpu(limit) makes one thread for each value
    await step("go", when=lambda: limit > 1)
                                  ^^^^^
"""
