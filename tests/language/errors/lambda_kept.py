"""A lambda in a local."""

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
        await step("go")
        f = lambda: box.count + 1
        box.count = f() % 4

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
lambda_kept.py:21: a lambda may stand only where a condition is asked for, when=lambda: ... and before(lambda: ...): write a def outside the coroutine
    f = lambda: box.count + 1
        ^^^^^^^^^^^^^^^^^^^^^
"""
