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


PHASE = "import"
EXIT_CODE = 3
MESSAGE = """\
property_awaits.py:8: the property waits must be a plain def: it looks at one state and has no steps
    @always
     ^^^^^^
"""
