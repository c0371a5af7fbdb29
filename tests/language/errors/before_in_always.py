"""before in a property of states."""

from __future__ import annotations

from explorer.language import Model, Part, always, before, var


@always
def same(mm: Machine) -> bool:
    """x never changes."""
    return mm.x == before(lambda: mm.x)


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(same(mm))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
before_in_always.py:11: before(...) has a meaning only in a property of steps, @always_step: a step keeps what it read in a local
    return mm.x == before(lambda: mm.x)
                   ^^^^^^^^^^^^^^^^^^^^
"""
