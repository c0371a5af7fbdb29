"""Property kinds. A property is a decorated function of the parts it speaks about."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, Literal, ParamSpec, TypeVar, cast, get_type_hints

from explorer.errors import LanguageError, Place, place_at
from explorer.errors.blame import shown_error
from explorer.language.sorts import name_of_value

P = ParamSpec("P")
T = TypeVar("T")
PropertyKind = Literal["always", "always_step", "reachable", "eventually", "leads_to"]


@dataclass(frozen=True, eq=False)
class Property:
    """A claim about a model: its name, its kind, and the condition, a function without parameters or of `parts`."""

    name: str
    kind: PropertyKind
    function: Callable[..., Any]
    parts: tuple[Any, ...] = ()
    unless: str = ""

    def holds(self) -> bool:
        """Evaluate it under CPython in the state of the run in progress; of `leads_to` what must follow."""
        return bool(self._value()[1])

    def triggers(self) -> bool:
        """Whether `leads_to` asks in this state for what must follow; True for the other kinds."""
        return bool(self._value()[0])

    def _value(self) -> tuple[Any, Any]:
        value = self.function(*self.parts)
        if self.kind != "leads_to":
            return True, value
        happens, follows = value
        return happens, follows

    @property
    def sentence(self) -> str:
        """The first line of the docstring."""
        return (self.function.__doc__ or "").strip().split("\n")[0]


class PropertyFunction(Generic[P]):
    """What a decorator such as `always` makes: called with parts it gives the Property of those parts."""

    def __init__(self, kind: PropertyKind, function: Callable[P, bool | tuple[bool, bool]]) -> None:
        import inspect

        if not inspect.isfunction(function):
            raise LanguageError(
                f"@{kind} decorates a function of parts, not {name_of_value(function)}: write @{kind} above its def"
            )
        if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            raise LanguageError(
                f"the property {function.__name__} must be a plain def: it looks at one state and has no steps"
            )
        self.kind, self.function = kind, function
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Property:
        import inspect

        try:
            bound = inspect.signature(self.function).bind(*args, **kwargs)
        except TypeError as e:
            raise LanguageError(f"the property {self.__name__}: {e}") from None
        bound.apply_defaults()
        return Property(self.__name__, self.kind, self.function, tuple(bound.arguments.values()))

    @property
    def place(self) -> Place:
        """Its def."""
        code = self.function.__code__
        lines = linecache.getlines(code.co_filename)
        line = code.co_firstlineno
        while line < len(lines) and not lines[line - 1].lstrip().startswith("def "):
            line += 1  # over the decorators
        return place_at(code.co_filename, line, 0, None)

    def kinds(self) -> list[str]:
        """The classes of parts that its parameters are annotated with."""
        return [hint.__name__ for name, hint in get_type_hints(self.function).items() if name != "return"]

    def applications(self, parts: list[Any]) -> list[Property]:
        """The properties for every combination of parts that the annotated parameters accept; empty: not applicable.

        Raises LanguageError where a parameter has no annotation.
        """
        import inspect

        try:
            hints = get_type_hints(self.function)
        except Exception as e:  # whatever evaluating the user's annotations raises
            raise LanguageError(
                f"an annotation of the property {self.__name__} can't be read: {shown_error(e)}", self.place
            ) from e
        candidates = []
        for name in inspect.signature(self.function).parameters:
            if name not in hints:
                raise LanguageError(
                    f"the parameter {name} of the property {self.__name__} must be annotated with the part it "
                    f"speaks about: write def {self.__name__}({name}: PartClass) -> bool",
                    self.place,
                )
            if not isinstance(hints[name], type):
                raise LanguageError(
                    f"the parameter {name} of the property {self.__name__} must be annotated with one class of part, "
                    f"not {hints[name]}",
                    self.place,
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


def eventually(function: Callable[P, bool]) -> PropertyFunction[P]:
    """On every fair run the condition is true at some time."""
    return PropertyFunction("eventually", function)


def leads_to(function: Callable[P, tuple[bool, bool]]) -> PropertyFunction[P]:
    """On every fair run, whenever the first condition is true, the second is true then or later: ``return happens, follows``."""
    return PropertyFunction("leads_to", function)


evaluate_before: ContextVar[Callable[[Callable[[], Any]], Any] | None] = ContextVar("evaluate_before", default=None)


def before(read: Callable[[], T]) -> T:
    """In an `always_step` property: the value that the lambda had in the state before the step."""
    run = evaluate_before.get()
    if run is None:
        raise LanguageError("before(...) has a meaning only inside an always_step property")
    return cast(T, run(read))
