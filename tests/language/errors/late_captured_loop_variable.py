"""Threads made in a loop that capture its variable."""

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

    for i in range(2):

        @m.thread(f"t{i}")
        async def t() -> None:
            await step("set")
            box.count = i

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
late_captured_loop_variable.py:27: i is bound by the loop in line 22, and what is made in the loop would see only its last value: @m.thread("cpu", i=values) above async def cpu(i) makes one thread for each value
    box.count = i
                ^
"""
