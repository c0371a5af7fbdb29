"""A rule left open between one value."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.language import Model, Rules, any_of


@dataclass(frozen=True)
class Kernel(Rules):
    early_copy: bool = False


KERNEL = Kernel(early_copy=any_of(True))


def model() -> Model:
    return Model()
