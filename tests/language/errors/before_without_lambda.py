"""before of a value."""

from __future__ import annotations

from explorer.language import Model, Part, always_step, before, var


@always_step
def same(mm: Machine) -> bool:
    """x never changes."""
    return mm.x == before(mm.x)


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
before_without_lambda.py:11: before takes a lambda: before(lambda: mm.x)
    return mm.x == before(mm.x)
                   ^^^^^^^^^^^^
"""
