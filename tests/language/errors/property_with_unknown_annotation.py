"""A property whose annotation names nothing."""

from __future__ import annotations

from explorer.language import Model, Part, always, var


@always
def never_x(mm: Machin) -> bool:
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
property_with_unknown_annotation.py:9: an annotation of the property never_x can't be read: NameError: name 'Machin' is not defined
    def never_x(mm: Machin) -> bool:
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
