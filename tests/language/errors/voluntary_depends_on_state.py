"""voluntary= that depends on the state."""

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
        await step("again", voluntary=mm.x)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
voluntary_depends_on_state.py:21: voluntary= must be True or False, known before the run, not a bool that depends on the state
    await step("again", voluntary=mm.x)
                                  ^^^^
"""
