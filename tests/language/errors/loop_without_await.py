"""A loop that depends on the state and has no await."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        while mm.n < 3:
            mm.n += 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
loop_without_await.py:21: this loop depends on the state and has no await, so how often it runs in one step has no bound: put await step(...) inside it, or write for over a static range with if and break
    while mm.n < 3:
          ^^^^^^^^
"""
