"""A part whose name is no identifier."""

from __future__ import annotations

from explorer.language import Model, Part


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "the machine")


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
part_name_is_no_identifier.py:10: a part's name must be an identifier, not 'the machine'
    super().__init__(m, "the machine")
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
