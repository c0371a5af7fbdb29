"""optional of optional."""

from __future__ import annotations

from explorer.language import Model, Part, optional, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(optional(optional(bool)), None)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
optional_twice.py:11: optional(optional(s)) has two values None; use optional(s)
    self.n = var(optional(optional(bool)), None)
                 ^^^^^^^^^^^^^^^^^^^^^^^^
"""
