"""Two parts of one name."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    Machine(m)

    again = Machine(m)

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
two_parts_of_one_name.py:10: two parts are named 'mm' (Machine and Machine); state is named part.attribute, so each part needs a name of its own
    super().__init__(m, "mm")
    ^^^^^^^^^^^^^^^^^^^^^^^^^
"""
