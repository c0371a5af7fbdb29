"""A rule that captures a loop variable."""

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

        @m.rule("set", actor=f"device{i}", when=lambda: not mm.a[i])
        def set_bit() -> None:
            mm.a[i] = True

    return m
