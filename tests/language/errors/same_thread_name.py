"""Two threads of one name."""

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

    for _ in range(2):

        @m.thread("t")
        async def t() -> None:
            await step("set")

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
same_thread_name.py:24: two threads are named 't'; each needs a name of its own. One thread for each value is written @m.thread('t', cpu=cpus) with a parameter cpu
    @m.thread("t")
     ^^^^^^^^^^^^^
"""
