"""A file that is not Python."""

from __future__ import annotations

from explorer.language import Model


def model() -> Model:
    m = Model(
    return m
