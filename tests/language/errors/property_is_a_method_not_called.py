"""A property that names a method instead of calling it."""

from __future__ import annotations

from explorer.language import Model, Part, always, var


@always
def is_ready(mm: Machine) -> bool:
    """It is ready."""
    return mm.ready


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def ready(self) -> bool:
        return not self.x


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(is_ready(mm))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
property_is_a_method_not_called.py:9: a condition must be a bool, not the routine ready
    def is_ready(mm: Machine) -> bool:
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
