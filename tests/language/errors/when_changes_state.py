"""A condition that changes the state."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def take(self) -> bool:
        self.x = True
        return True


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go", when=lambda: mm.take())

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
when_changes_state.py:14: a condition must not change the state or choose; do it in the step
    self.x = True
    ^^^^^^^^^^^^^
"""
