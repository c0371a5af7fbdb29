"""What became of a request for a pin, where it can be refused."""

from __future__ import annotations

from explorer.language import Model, Part, var
from explorer.models.linux.errno import Errno


class Request:
    """One that is never refused: nothing is noted of it."""

    def answered(self, error: Errno) -> None:
        """What the kernel said to it."""


class PinRequest(Part, Request):
    """`refused`: the pin was not given because of what is mapped there."""

    def __init__(self, m: Model, name: str) -> None:
        super().__init__(m, name)
        self.refused = var(bool, False)

    def answered(self, error: Errno) -> None:
        self.refused = error is not Errno.OK
