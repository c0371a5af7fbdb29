"""A property that awaits."""

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

    @m.always
    async def small() -> bool:
        await step("look")
        return box.count < 3

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
property_with_await.py:22: building the model failed: AttributeError: 'Model' object has no attribute 'always': decorate a function of the parts with @always of explorer.language, and give it to m.require(...)
    @m.always
     ^^^^^^^^
"""
