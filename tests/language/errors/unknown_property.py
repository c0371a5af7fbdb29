"""A property that names nothing."""

from __future__ import annotations

from explorer.language import Model, Part, always, step, var


PROPERTIES = ["never_x"]


@always
def never_set(mm: Machine) -> bool:
    """x stays false."""
    return not mm.x


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
        mm.x = True

    m.require(never_set(mm))

    return m


PHASE = "lower"
EXIT_CODE = 2
MESSAGE = """\
there is no property 'never_x'; did you mean never_set?
"""
