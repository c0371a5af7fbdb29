"""A model file that raises when it is imported."""

from __future__ import annotations

from explorer.language import Model


LIMITS = {"small": 2}
LIMIT = LIMITS["large"]


def model() -> Model:
    return Model()
