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

        @m.rule("flip", actor=f"device{i}")
        def rule() -> None:
            flip()

    return m
