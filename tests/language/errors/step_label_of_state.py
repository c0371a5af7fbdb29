"""A label made of state."""

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
        await step(f"go {box.count}")

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
step_label_of_state.py:20: box.count is state, and before a thread's first step no state is read, written or chosen: put await step(...) before it
    await step(f"go {box.count}")
                     ^^^^^^^^^
"""
