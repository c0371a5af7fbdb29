"""A condition that captures a loop variable."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.a = array(Range(0, 1), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    for i in range(2):
        m.reachable(f"bit {i}", lambda: mm.a[i])

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
reachable_captures_loop_variable.py:19: i is bound by the loop in line 18, and what is made in the loop would see only its last value: give the lambda a copy, lambda i=i: ...
    m.reachable(f"bit {i}", lambda: mm.a[i])
                                         ^
"""
