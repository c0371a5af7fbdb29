"""An f-string of state."""

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
        assert mm.x, f"x is {mm.x}"

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
fstring_of_state.py:21: an f-string may use static values only, and mm.x depends on the state: leave it out, the trace shows the state
    assert mm.x, f"x is {mm.x}"
                         ^^^^
"""
