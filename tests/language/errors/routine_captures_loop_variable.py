"""A routine made in a loop that captures its variable."""

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

        def flip() -> None:
            mm.a[i] = not mm.a[i]

        @m.action("flip", actor=f"device{i}")
        def rule() -> None:
            flip()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
routine_captures_loop_variable.py:24: flip is bound by the loop in line 17, and what is made in the loop would see only its last value: @m.action(label, actor=actor, flip=values) makes one for each value
    flip()
    ^^^^
"""
