"""A required property about a part that the model does not have."""

from __future__ import annotations

from explorer.language import Model, Part, always, var


class Other(Part):
    pass


@always
def never_y(other: Other) -> bool:
    """y stays false."""
    return not other.y


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    Machine(m)

    m.require(never_y)

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
property_without_its_part.py:28: the property never_y speaks about parts that this model does not have: Other
    m.require(never_y)
    ^^^^^^^^^^^^^^^^^^
"""
