"""ghost of a plain value."""

from __future__ import annotations

from explorer.language import Model, Part, ghost


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.seen = ghost(False)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
ghost_of_no_declaration.py:11: ghost(...) takes a declaration, not False: write ghost(var(sort, init)) or ghost(array(...))
    self.seen = ghost(False)
                ^^^^^^^^^^^^
"""
