"""Two threads of one name."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = True

    @m.thread("cpu")
    async def again() -> None:
        await step("go")
        mm.x = False

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
two_threads_of_one_name.py:23: two threads are named 'cpu'; each needs a name of its own. One thread for each value is written @m.thread('cpu', cpu=cpus) with a parameter cpu
    @m.thread("cpu")
     ^^^^^^^^^^^^^^^
"""
