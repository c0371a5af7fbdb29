"""What became of a request for a pin, where it can be refused."""

from __future__ import annotations

from explorer.language import Model, Part, var


class PinRequest(Part):
    """`refused`: the pin was not given because of what is mapped there."""

    def __init__(self, m: Model, name: str) -> None:
        super().__init__(m, name)
        self.refused = var(bool, False)
