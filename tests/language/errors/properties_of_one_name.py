"""Two properties of one name."""

from __future__ import annotations

from explorer.language import Model, Part, always, var


@always
def never_x(mm: Machine) -> bool:
    """x stays false."""
    return not mm.x


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(never_x(mm))
    m.reachable("never_x", lambda: mm.x)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
properties_of_one_name.py:25: two properties are named 'never_x': each needs a name of its own
    m.reachable("never_x", lambda: mm.x)
                           ^^^^^^^^^^^^
"""
