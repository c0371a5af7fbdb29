"""Rules records: frozen settings (a kernel, a design), any of whose fields may be left open."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from explorer.errors import LanguageError, Place

T = TypeVar("T")
R = TypeVar("R", bound="Rules")


class LeftOpen(LanguageError):
    """A rule left open is read where it would decide what is built: it can only be settled."""

    def __init__(self, rule: str, message: str, place: Place | None = None) -> None:
        super().__init__(message, place)
        self.rule = rule


class Open:
    """A rule left open: a constant of the system with several initial values. Made by `any_of`."""

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = values
        self.current: Any = None  # the value in the run that CPython is executing

    def __repr__(self) -> str:
        return "any of " + ", ".join(str(v) for v in self.values)


def any_of(*values: T) -> T:
    """A rule left open between the values: ``replace(V5_10, write_protect_seq=any_of(False, True))``."""
    if len(values) < 2 or len(set(values)) != len(values):
        given = ", ".join(map(str, values)) or "none"
        raise LanguageError(
            f"any_of takes two or more different values, not {given}; a rule that is settled is its value"
        )
    return cast(T, Open(values))


Look: TypeAlias = "Callable[[Rules, str, Any, bool], None]"
_lookers: list[Look] = []  # told of each rule that is read


@contextmanager
def reading(records: Mapping[str, Rules]) -> Iterator[dict[str, dict[str, Any]]]:
    """For each record, by its name, the rules that are read of it meanwhile, with their values: whoever reads them.

    What is computed meanwhile would be the same for records that agree in these. What is read of a copy counts as read of the
    record, which it may have been made from: `with_values`, a design's kernel, `copy.copy`. The one way round is to ask
    whether a record `is` another.
    """
    found: dict[str, dict[str, Any]] = {name: {} for name in records}

    def look(record: Rules, rule: str, value: Any, settles: bool) -> None:
        for name, given in records.items():
            if type(given) is type(record):
                found[name][rule] = object.__getattribute__(given, rule)

    with looked_at(look):
        yield found


@contextmanager
def looked_at(look: Look) -> Iterator[None]:
    """`look` is told of every rule that is read meanwhile, of any record: with its value, and whether one that is left open could
    not be read so (`peek` reads what is left open as such)."""
    _lookers.append(look)
    try:
        yield
    finally:
        _lookers.remove(look)


class Rules:
    """Base of a frozen record of rules. A field left open reads as its value in the current run.

    Rules are read only inside coroutines, rules and properties, never to decide which cells or threads exist.
    """

    def __init_subclass__(cls) -> None:
        setattr(cls, "__repr__", rules_text)  # noqa: B010 - a dataclass keeps these; its own would read open fields
        setattr(cls, "__eq__", same_rules)  # noqa: B010

    if not TYPE_CHECKING:  # a type checker knows the fields

        def __getattribute__(self, name: str) -> Any:
            value = object.__getattribute__(self, name)
            if _lookers and (name in type(self).__dataclass_fields__ or name == "__dict__"):
                for rule in list(value) if name == "__dict__" else (name,):  # a copy in the making has none yet
                    tell(self, rule, object.__getattribute__(self, rule), name != "__dict__")
            if type(value) is Open:
                if value.current is None:
                    raise LeftOpen(
                        name,
                        f"the rule {name} is left open ({value!r}) and has no value while the model is built: it never decides "
                        "which cells or threads exist; read it in a thread, an action or a property",
                    )
                return value.current
            return value

    def assumptions_of(self, rules: Collection[str]) -> tuple[str, ...]:
        """The facts on which the values of these rules rest that were recalled, not read: shown under the verdicts."""
        return ()

    def changed(self) -> Collection[str]:
        """The rules that the user set: a warning says of each whether the model reads it."""
        return ()


class RulesRead:
    """Which rules, of which records, the code of a model reads. Lowering notes them, after those that were read while the
    model was built."""

    def __init__(self, built: Iterable[tuple[Rules, str]] = ()) -> None:
        self.records: list[tuple[Rules, set[str]]] = []
        for record, name in built:
            self.note(record, name)

    def note(self, record: Rules, name: str) -> None:
        """Something reads that attribute of the record. A text, as the name of a version, is no rule."""
        if all(name != f.name for f in dataclasses.fields(record)):  # type: ignore[arg-type]
            return
        if isinstance(object.__getattribute__(record, name), str):
            return
        for known, names in self.records:
            if known is record:
                names.add(name)
                return
        self.records.append((record, {name}))

    def names(self, kind: type[Rules]) -> set[str]:
        """The rules that are read of records of that class."""
        return {name for record, names in self.records if type(record) is kind for name in names}

    def assumptions(self) -> tuple[str, ...]:
        """What the verdicts on the model owe to recalled facts."""
        found = [fact for record, names in self.records for fact in record.assumptions_of(sorted(names))]
        return tuple(dict.fromkeys(found))


def peek(rules: Rules, name: str) -> Any:
    """The value of a rule, or its `Open`: noted as read, like any other reading."""
    value = object.__getattribute__(rules, name)
    tell(rules, name, value, False)
    return value


def tell(rules: Rules, name: str, value: Any, settles: bool) -> None:
    for look in _lookers:
        look(rules, name, value, settles)


def peek_all(rules: Rules) -> dict[str, Any]:
    """Rule -> value or `Open`, all noted as read."""
    return {f.name: peek(rules, f.name) for f in dataclasses.fields(rules)}  # type: ignore[arg-type]


def rules_text(rules: Rules) -> str:
    """``Kernel(early_copy=any of False, True)``: a rule left open as such. Whoever asks has read them all."""
    return f"{type(rules).__name__}({', '.join(f'{name}={value!r}' for name, value in peek_all(rules).items())})"


def same_rules(rules: Rules, other: object) -> Any:
    """``==``: whether two records have the same values; NotImplemented for what is no such record. It reads as many of both
    as decide that. Raises LeftOpen where one of these is open: then they are neither the same nor not."""
    if type(other) is not type(rules):
        return NotImplemented
    return all(bool(getattr(rules, f.name) == getattr(other, f.name)) for f in dataclasses.fields(rules))  # type: ignore[arg-type]


def reads_nothing(rules: Rules, other: Rules) -> bool:
    """The tool's own ``==``: nothing is noted, and two rules left open are the same if they are one."""
    return type(other) is type(rules) and agree(rules, object.__getattribute__(other, "__dict__"))


def agree(rules: Rules, read: Mapping[str, Any]) -> bool:
    """Whether the record has these values of rules."""
    return all(bool(object.__getattribute__(rules, name) == value) for name, value in read.items())


def with_values(rules: R, **values: Any) -> R:
    """The record with other values of some rules. Unlike `dataclasses.replace` it reads none of the others, so that they can
    be left open."""
    fields = {f.name: object.__getattribute__(rules, f.name) for f in dataclasses.fields(rules)}  # type: ignore[arg-type]
    return type(rules)(**{**fields, **values})


def open_rule(rules: Rules, name: str) -> Open | None:
    """The Open in that field, or None where the rule is settled (or no field has that name)."""
    try:
        value = object.__getattribute__(rules, name)
    except AttributeError:
        return None
    return value if type(value) is Open else None
