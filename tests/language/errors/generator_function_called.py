"""A function that yields."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    def numbers():
        yield 1
        yield 2

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        for n in numbers():
            box.count = n

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
generator_function_called.py:19: yield is not part of the language; a thread is an async def that awaits step(...)
    yield 1
    ^^^^^^^
"""
