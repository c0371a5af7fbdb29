"""An action that captures a loop variable."""

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

        @m.action("set", actor=f"device{i}", when=lambda: not mm.a[i])
        def set_bit() -> None:
            mm.a[i] = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
action_captures_loop_variable.py:22: i is bound by the loop in line 18, and what is made in the loop would see only its last value: @m.action(label, actor=actor, i=values) makes one for each value
    mm.a[i] = True
         ^
"""
