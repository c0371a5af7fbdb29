"""A loop that never reaches a step."""

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
        while True:
            mm.x = not mm.x

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
endless_loop_without_await.py:21: this loop goes round and round without a step: put await step(...) inside it
    while True:
          ^^^^
"""
