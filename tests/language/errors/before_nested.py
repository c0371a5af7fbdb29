"""before inside before."""

from __future__ import annotations

from explorer.language import Model, Part, always_step, before, var


@always_step
def same(mm: Machine) -> bool:
    """x never changes."""
    return mm.x == before(lambda: before(lambda: mm.x))


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
before_nested.py:11: before(...) can't stand inside before(...): there is one state before the step
    return mm.x == before(lambda: before(lambda: mm.x))
                                  ^^^^^^^^^^^^^^^^^^^^
"""
