"""Static values that Python lets change: lists, sets and dicts. A model that has read one stands by what it held then."""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import Any

from explorer.errors import LanguageError, Place

CHANGEABLE = (list, set, dict, types.MappingProxyType)
HOLDERS = (*CHANGEABLE, tuple, frozenset)


class Unchanging:
    """What the steps of a model have read of this kind, each with what it held."""

    def __init__(self) -> None:
        self.read: dict[int, tuple[Any, list[Any], str, Place | None]] = {}
        self.seen: dict[int, Any] = {}  # these, and the tuples that may hold some

    def note(self, value: Any, text: str, place: Place | None) -> None:
        """A step reads the value, which stands as `text` at the place; and what is inside it."""
        if id(value) in self.seen or not isinstance(value, HOLDERS):
            return
        self.seen[id(value)] = value
        held = elements(value)
        if isinstance(value, CHANGEABLE):
            self.read[id(value)] = (value, held, text, place)
        for element in held:
            self.note(element, text, place)

    def check(self) -> None:
        """Raises LanguageError where one of them does not hold what it did."""
        for value, held, text, place in self.read.values():
            now = elements(value)
            if len(now) != len(held) or any(a is not b for a, b in zip(now, held, strict=True)):
                raise LanguageError(
                    f"{text} has changed since it was read here for the first time, and a static value never changes: declare "
                    "state, self.a = array(index, element, init); or build the model anew",
                    place,
                )


def elements(value: Any) -> list[Any]:
    """What a container holds: of a mapping the keys and the values, in their order."""
    found: Iterable[Any] = value
    return (
        [x for pair in value.items() for x in pair] if isinstance(value, dict | types.MappingProxyType) else list(found)
    )
