"""A thread over something that is no iterable."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu", cpu=2)
    async def cpu(cpu: int) -> None:
        await step("go")
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_over_no_iterable.py:18: cpu= takes the values there is one for each of, not 2: range(2), an Enum class
    @m.thread("cpu", cpu=2)
     ^^^^^^^^^^^^^^^^^^^^^^
"""
