"""A property that is a coroutine."""

from __future__ import annotations

from explorer.language import Model, Part, always, step, var


@always
async def waits(mm: Machine) -> bool:
    """It waits."""
    await step("look")
    return not mm.x


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(waits(mm))

    return m
