"""More threads than are ever made."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    Box(m)

    @m.thread("cpu", a=range(100), b=range(10**12))
    async def cpu(a: int, b: int) -> None:
        await step("go")

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
threads_without_end.py:18: the thread 'cpu' is made for each combination of a, b, and that is more than 5,000: take smaller sorts, or fewer parameters
    @m.thread("cpu", a=range(100), b=range(10**12))
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
