"""A label that depends on the state."""

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
        await step(f"go to {mm.n}")

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
label_depends_on_state.py:21: an f-string may use static values only, and mm.n depends on the state: leave it out, the trace shows the state
    await step(f"go to {mm.n}")
                        ^^^^
"""
