"""State: how a part declares it, and how CPython reads and writes it while a run is in progress."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, cast

from explorer.errors import LanguageError, Place
from explorer.errors.blame import Site, caller, place_in
from explorer.language.rules import Open
from explorer.language.sorts import Sort, as_sort, name_of_value

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


# told of every local(sort, init) that a run under CPython executes
on_local: ContextVar[Callable[[Sort[Any]], None] | None] = ContextVar("on_local", default=None)


@dataclass
class Declaration:
    """What `var`, `array` and `ghost` return until a part takes it: sort, initial value(s), index sort of an array."""

    sort: Sort[Any]
    init: Any
    index: Sort[Any] | None = None
    ghost: bool = False
    site: Site | None = None

    @property
    def place(self) -> Place | None:
        """Where the part declares it."""
        return None if self.site is None else place_in(*self.site)


def var(sort: Sort[T] | type[T], init: T) -> T:
    """One variable: ``self.forked = var(bool, False)``; then it is read and written as its value."""
    if isinstance(init, Open):
        raise LanguageError(
            "any_of(...) is a rule left open and no initial value: put it in a record of rules (class Kernel(Rules)), "
            "and read it in a step"
        )
    return cast(T, Declaration(as_sort(sort), init, site=caller(sys._getframe(1))))


class Run(Protocol):
    """A run in progress under CPython: where state is read and written. Implemented by `explorer.witness`."""

    def read(self, name: str, index: Any) -> Any: ...
    def write(self, name: str, index: Any, value: Any) -> None: ...
    def finished(self, thread: str) -> bool: ...


class NoRun:
    """Stands where no run is in progress: state has no value then."""

    def read(self, name: str, index: Any) -> Any:
        raise LanguageError(
            f"{name} is state and has no value while the model is built: read it in a thread, an action or a property, "
            "or in a lambda where a condition is asked for"
        )

    def write(self, name: str, index: Any, value: Any) -> None:
        raise LanguageError(
            f"{name} is state and is written only by threads and actions; what it holds at the start is said where it is "
            "declared: var(sort, init), array(index, element, init)"
        )

    def finished(self, thread: str) -> bool:
        raise LanguageError(
            f"{thread}.finished has no value while the model is built: read it in a thread, an action or a property, "
            "or in a lambda where a condition is asked for"
        )


class Executed(Protocol):
    """What is executed by one run at a time: a model."""

    run: Run


class Array(Generic[K, V]):
    """One variable for every value of the index sort; declared by `array`."""

    def __init__(self, model: Executed, name: str, declaration: Declaration) -> None:
        self.model, self.name, self.declaration = model, name, declaration

    def __getitem__(self, index: K) -> V:
        return cast(V, self.model.run.read(self.name, index))

    def __setitem__(self, index: K, value: V) -> None:
        self.model.run.write(self.name, index, value)

    def __iter__(self) -> Any:
        raise TypeError(f"{self.name} is an array of state: loop over its index sort instead")


def array(index: Sort[K] | type[K], element: Sort[V] | type[V], init: Callable[[K], V]) -> Array[K, V]:
    """A variable for every value of `index`; `init` gives the initial value at each."""
    if not callable(init):
        given = name_of_value(init)
        raise LanguageError(
            f"array takes a function from an index to its initial value, not {given}: write lambda i: {given}"
        )
    return cast("Array[K, V]", Declaration(as_sort(element), init, as_sort(index), site=caller(sys._getframe(1))))


def ghost(declared: T) -> T:
    """History: state that only properties may read. ``self.seen = ghost(var(bool, False))``."""
    declaration = cast(Any, declared)
    if not isinstance(declaration, Declaration):
        raise LanguageError(
            f"ghost(...) takes a declaration, not {name_of_value(declaration)}: write ghost(var(sort, init)) or ghost(array(...))"
        )
    declaration.ghost = True
    return declared


def local(sort: Sort[T] | type[T], init: T) -> T:
    """The initial value of a local of a coroutine, with the sort it keeps: ``tries = local(Range(0, 3), 0)``."""
    hook = on_local.get()
    if hook is not None:
        hook(as_sort(sort))
    return init
