"""A model function that returns nothing."""

from __future__ import annotations

from explorer.language import Model, Part


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")


def model() -> Model:
    m = Model()
    Machine(m)


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
model_returns_nothing.py:13: the model function model must return the Model it builds, not None
    def model() -> Model:
    ^^^^^^^^^^^^^^^^^^^^^
"""
