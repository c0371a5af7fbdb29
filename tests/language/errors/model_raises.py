"""A model function that raises."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model, size: int) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
model_raises.py:16: building the model failed: TypeError: Machine.__init__() missing 1 required positional argument: 'size'
    Machine(m)
    ^^^^^^^^^^
"""
