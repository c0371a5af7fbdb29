"""A property whose parameter has no annotation."""

from __future__ import annotations

from explorer.language import Model, Part, always, var


@always
def never_x(mm) -> bool:
    """x stays false."""
    return not mm.x


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    Machine(m)

    m.require(never_x)

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
property_without_annotation.py:9: the parameter mm of the property never_x must be annotated with the part it speaks about: write def never_x(mm: PartClass) -> bool
    def never_x(mm) -> bool:
    ^^^^^^^^^^^^^^^^^^^^^^^^
"""
