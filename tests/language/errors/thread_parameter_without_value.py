"""A thread with a parameter that gets no value."""

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
    async def cpu(value: bool) -> None:
        await step("go")
        mm.x = value

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_parameter_without_value.py:18: the thread 'cpu' has a parameter value and no values for it: write value=values in the decorator
    @m.thread("cpu")
     ^^^^^^^^^^^^^^^
"""
