"""A model function with a parameter that has no default."""

from __future__ import annotations

from explorer.language import Model


def model(*, size: int) -> Model:
    return Model()


PHASE = "build"
EXIT_CODE = 2
MESSAGE = """\
the model model_parameter_without_value.py:model needs a value for its parameter size: -p size=...
"""
