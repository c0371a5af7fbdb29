"""Threads of one name, made in a loop."""

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

        @m.thread("cpu")
        async def cpu() -> None:
            await step("go")
            mm.a[i] = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
threads_of_one_name_in_a_loop.py:20: two threads are named 'cpu'; each needs a name of its own. One thread for each value is written @m.thread('cpu', cpu=cpus) with a parameter cpu
    @m.thread("cpu")
     ^^^^^^^^^^^^^^^
"""
