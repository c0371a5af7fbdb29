"""Systems that were lowered before, kept by what they were lowered from.

A system is taken from there only where a lowering would give the very same: the model and its claims are the same to the last
object (`lowering.identity`), the tool is, and so are the values of all rules that the lowering read then. What was told of rules
while it was lowered is told again.
"""

from __future__ import annotations

import operator
import pickle
import sys
import zlib
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

from explorer.cache import content, kept
from explorer.language.model import Model
from explorer.language.properties import Property
from explorer.language.rules import Open, Rules, RulesRead, looked_at, tell
from explorer.language.values import value_text
from explorer.lowering.identity import Identity, Unknown, identity
from explorer.system.form import System

KIND = "lowered"
LEAST = 32  # actions of a system that is worth keeping
MOST = 64  # systems of one model that differ in the values of rules
MADE_BY_PYTHON = ("__annotations__", "__slotnames__")  # in a class, when somebody asks for them
ROOMS = tuple(f"explorer.{room}." for room in ("language", "lowering", "system"))  # by which a lowering is done


def kept_system(model: Model, claims: Sequence[Property], lower: Callable[[], System]) -> System:
    """What `lower` gives, which lowers the model with these claims, or gave before."""
    place = place_of(model, claims)
    if place is None:
        return lower()
    found = recalled_system(place, model)
    if found is not None:
        return found
    reads = Reads(place)
    with looked_at(reads.look):
        system = lower()
    keep(place, reads, model, system)
    return system


class Place:
    """Where the systems of a model are kept that differ in the values of rules alone."""

    def __init__(self, known: Identity) -> None:
        self.records = known.records
        self.key = content.digest(content.tool(), known.digest)

    def number(self, record: Rules) -> int | None:
        """The position of that very record, None where it is not part of the model."""
        return next((i for i, known in enumerate(self.records) if known is record), None)

    def value(self, number: int, rule: str) -> str | None:
        """The value of a rule of that record: equal texts, equal values. None for one that has no such text."""
        return self.text(object.__getattribute__(self.records[number], rule))

    def text(self, value: Any) -> str | None:
        plain = value_text(value)
        if plain is not None:
            return plain
        if isinstance(value, Rules) and self.number(value) is not None:
            return f"record {self.number(value)}"
        if isinstance(value, Open) or type(value) is tuple:
            texts = [self.text(one) for one in (value.values if isinstance(value, Open) else value)]
            return (
                None if None in texts else f"{'any of' if isinstance(value, Open) else ''}({' '.join(map(str, texts))})"
            )
        return None


def place_of(model: Model, claims: Sequence[Property]) -> Place | None:
    """None where nothing can be kept: what the model is can't be told, or the tool was changed in memory."""
    if not as_imported():
        return None
    try:
        return Place(identity(model, claims))
    except Unknown:
        return None


def recalled_system(place: Place, model: Model) -> System | None:
    """The system that was lowered under the same values of rules, None where there is none. The model is told what is read."""
    for read, told, noted, key in kept.recall_json(KIND, place.key) or ():
        if all(place.value(number, rule) == value for number, rule, value in read):
            data = kept.recall(KIND, key)
            system = None if data is None else unpacked_system(data)
            if system is not None:
                model.built = True
                model.rules_read = RulesRead(model.rules_built)
                for number, rule in noted:
                    model.rules_read.note(place.records[number], rule)
                for number, rule, settles in told:
                    record = place.records[number]
                    tell(record, rule, object.__getattribute__(record, rule), settles)
                return system
    return None


class Reads:
    """What a lowering reads of rules: `told` is every reading once, in their order."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.told: dict[tuple[int, str, bool], None] = {}
        self.strange = False  # something was read of a record that is made anew each time

    def look(self, record: Rules, rule: str, value: Any, settles: bool) -> None:
        number = self.place.number(record)
        if number is None:
            self.strange = True
        else:
            self.told[number, rule, settles] = None


def keep(place: Place, reads: Reads, model: Model, system: System) -> None:
    """Keep the system, if it can be told when it is the right one, and comes back as it is."""
    if len(system.actions) < LEAST:
        return
    built = {(id(record), name) for record, name in model.rules_built}
    noted: list[tuple[int, str]] = []
    for record, names in model.rules_read.records:
        number = place.number(record)
        if number is not None:
            noted += [(number, name) for name in sorted(names)]
        elif any((id(record), name) not in built for name in names):
            return
    read = [(n, rule, place.value(n, rule)) for n, rule in dict.fromkeys((n, rule) for n, rule, _ in reads.told)]
    if reads.strange or any(value is None for _, _, value in read):
        return
    data = packed_system(system)
    if data is None:
        return
    key = content.digest(place.key, *(f"{number} {rule} {value}" for number, rule, value in sorted(read)))
    kept.keep(KIND, key, data)
    others = [one for one in kept.recall_json(KIND, place.key) or () if one[3] != key]
    kept.keep_json(KIND, place.key, [(read, list(reads.told), noted, key), *others][:MOST])


def packed_system(system: System) -> bytes | None:
    """The system as bytes that give the very same; None where there are no such, as for values of a class made in a function."""
    try:
        data = pickle.dumps(system, 5)
        same = pickle.loads(data) == system
    except (pickle.PickleError, AttributeError, TypeError, RecursionError):
        return None
    return zlib.compress(data, 1) if same else None


def unpacked_system(data: bytes) -> System | None:
    """The system, None for one of classes that are no longer there."""
    try:
        found = pickle.loads(zlib.decompress(data))
    except (pickle.PickleError, AttributeError, ImportError, TypeError, RecursionError):
        return None
    assert isinstance(found, System)
    return found


# ---------------------------------------------------------------- the tool as it was imported


modules: list[ModuleType] = []
members: list[Any] = []


def note_as_imported() -> None:
    """All modules by which a lowering is done are there, and as their files say."""
    modules[:] = [module for name, module in sorted(sys.modules.items()) if name.startswith(ROOMS)]
    members[:] = found_in(modules)


def as_imported() -> bool:
    """Nothing was put into these modules and their classes, or taken out of them, since then: what the tool's files say is what
    runs."""
    found = found_in(modules)
    return len(found) == len(members) and all(map(operator.is_, found, members))


def found_in(modules: Iterable[ModuleType]) -> list[Any]:
    """Everything that the modules and their classes hold, in the order in which it was put there."""
    found: list[Any] = []
    for module in modules:
        held = vars(module)
        classes = [value for value in held.values() if isinstance(value, type) and value.__module__ == module.__name__]
        for space in (held, *map(vars, classes)):
            found += [value for name, value in space.items() if name not in MADE_BY_PYTHON]
    return found
