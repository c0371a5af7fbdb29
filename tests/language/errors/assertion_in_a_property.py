"""An assertion that fails in a property."""

from __future__ import annotations

from explorer.language import Model, Part, always, step, var


@always
def fine(mm: Machine) -> bool:
    """Nothing is set."""
    assert not mm.x, "x is set"
    return True


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

    m.require(fine(mm))

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
assertion_in_a_property.py:11: x is set
    assert not mm.x, "x is set"
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
