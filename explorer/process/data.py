"""Frozen dataclasses as the plain data of JSON, and back: what every answer is made of.

A field is a word of the JSON object, in the order of the fields. `Annotated[type, ...]` says what is otherwise: `Named("word")`
gives it another word, `OPTIONAL` leaves it out where it is None, `HIDDEN` leaves it out, `INLINED` puts the words of an object
among the others.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Annotated, Any, Self, Union, get_args, get_origin, get_type_hints

from explorer.process import foreign


@dataclasses.dataclass(frozen=True)
class Named:
    """The word of a field in JSON."""

    word: str


class Place(Enum):
    """How a field stands in JSON."""

    USUAL = "a word"
    OPTIONAL = "left out where it is None"
    INLINED = "its words stand among the others; it can't be read back"
    HIDDEN = "not there, for readers of the text alone; it can't be read back"


OPTIONAL, INLINED, HIDDEN = Place.OPTIONAL, Place.INLINED, Place.HIDDEN


class Data:
    """Base of the answers and of their parts, which are frozen dataclasses."""

    def to_json(self) -> dict[str, Any]:
        """As plain data: what `--format json` prints, and what is kept between runs."""
        found = {}
        for name, word, place, _ in fields_of(type(self)):  # type: ignore[arg-type]
            value = getattr(self, name)
            if place is INLINED:
                found.update(value.to_json())
            elif place is not HIDDEN and (value is not None or place is not OPTIONAL):
                found[word] = plain(value)
        return found

    @classmethod
    def from_json(cls, given: Any) -> Self:
        """What `to_json` gave. Raises Malformed for data of any other form."""
        known = fields_of(cls)  # type: ignore[arg-type]
        optional = {word for _, word, place, _ in known if place is OPTIONAL}
        data = foreign.mapping(given)
        foreign.mapping(data, [word for _, word, _, _ in known if word not in optional or word in data])
        return cls(**{name: of_plain(data[word], wanted) for name, word, _, wanted in known if word in data})


@cache
def fields_of(cls: type) -> tuple[tuple[str, str, Place, Any], ...]:
    """Of each field its name, its word, how it stands in JSON, and its type."""
    hints = get_type_hints(cls, include_extras=True)
    found = []
    for name in (f.name for f in dataclasses.fields(cls)):
        wanted, *said = get_args(hints[name]) if get_origin(hints[name]) is Annotated else (hints[name],)
        word = next((s.word for s in said if isinstance(s, Named)), name)
        found.append((name, word, next((s for s in said if isinstance(s, Place)), Place.USUAL), wanted))
    return tuple(found)


def plain(value: Any) -> Any:
    """A value of a field as plain data."""
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value


def of_plain(value: Any, wanted: Any) -> Any:
    """The value of a field of that type. Raises Malformed."""
    outer, inner = get_origin(wanted), get_args(wanted)
    if outer in (Union, types.UnionType):
        [present] = [each for each in inner if each is not type(None)]
        return None if value is None else of_plain(value, present)
    if outer is tuple:
        return tuple(of_plain(each, inner[0]) for each in foreign.items(value))
    if outer is not None and issubclass(outer, Mapping):
        return {key: of_plain(each, inner[1]) for key, each in foreign.mapping(value).items()}
    if issubclass(wanted, Data):
        return wanted.from_json(value)
    if issubclass(wanted, Enum):
        return wanted(foreign.one_of(value, [m.value for m in wanted]))
    if type(value) is not wanted:
        raise foreign.Malformed(f"{foreign.excerpt(value)} is no {wanted.__name__}")
    return value
