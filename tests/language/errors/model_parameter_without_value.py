"""A model function with a parameter that has no default."""

from __future__ import annotations

from explorer.language import Model


def model(*, size: int) -> Model:
    return Model()
