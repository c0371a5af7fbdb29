"""Property kinds. A property is a decorated function of the parts it speaks about."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, Literal, ParamSpec, TypeVar, cast, get_type_hints

from explorer.errors import LanguageError

P = ParamSpec("P")
T = TypeVar("T")
PropertyKind = Literal["always", "always_step", "reachable"]


@dataclass(frozen=True, eq=False)
class Property:
    """A claim about a model: its name, its kind, and the condition, a function without parameters or of `parts`."""

    name: str
    kind: PropertyKind
    function: Callable[..., bool]
    parts: tuple[Any, ...] = ()
    unless: str = ""

    def holds(self) -> bool:
        """Evaluate it under CPython in the state of the run in progress."""
        return bool(self.function(*self.parts))

    @property
    def sentence(self) -> str:
        """The first line of the docstring."""
        return (self.function.__doc__ or "").strip().split("\n")[0]


class PropertyFunction(Generic[P]):
    """What a decorator such as `always` makes: called with parts it gives the Property of those parts."""

    def __init__(self, kind: PropertyKind, function: Callable[P, bool]) -> None:
        self.kind, self.function = kind, function
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Property:
        import inspect

        bound = inspect.signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        return Property(self.__name__, self.kind, self.function, tuple(bound.arguments.values()))

    def applications(self, parts: list[Any]) -> list[Property]:
        """The properties for every combination of parts that the annotated parameters accept; empty: not applicable.

        Raises LanguageError where a parameter has no annotation.
        """
        import inspect

        hints = get_type_hints(self.function)
        candidates = []
        for name in inspect.signature(self.function).parameters:
            if name not in hints:
                raise LanguageError(
                    f"the parameter {name} of the property {self.__name__} must be annotated with the part it "
                    "speaks about: that decides where the property applies"
                )
            candidates.append([p for p in parts if isinstance(p, hints[name])])
        combinations = list(itertools.product(*candidates))
        made = []
        for combination in combinations:
            suffix = "" if len(combinations) == 1 else "[" + ", ".join(p.part_name for p in combination) + "]"
            made.append(Property(self.__name__ + suffix, self.kind, self.function, combination))
        return made


def always(function: Callable[P, bool]) -> PropertyFunction[P]:
    """The condition holds in every reachable state."""
    return PropertyFunction("always", function)


def always_step(function: Callable[P, bool]) -> PropertyFunction[P]:
    """The condition holds over every transition; ``before(lambda: x)`` reads x in the state before it."""
    return PropertyFunction("always_step", function)


evaluate_before: ContextVar[Callable[[Callable[[], Any]], Any] | None] = ContextVar("evaluate_before", default=None)


def before(read: Callable[[], T]) -> T:
    """In an `always_step` property: the value that the lambda had in the state before the step."""
    run = evaluate_before.get()
    if run is None:
        raise LanguageError("before(...) has a meaning only inside an always_step property")
    return cast(T, run(read))
