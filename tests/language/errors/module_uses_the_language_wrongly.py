"""A language error while the model file is imported."""

from __future__ import annotations

from explorer.language import Model, Range


BITS = Range(3, 0)


def model() -> Model:
    return Model()
