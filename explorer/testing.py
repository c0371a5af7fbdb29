"""Property-based tests of a model with hypothesis: its parameters and its runs as strategies."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from explorer.answer.catalogue import ModelFunction
from explorer.answer.counterexample import schedule_text
from explorer.answer.trace import compress
from explorer.errors import UsageError
from explorer.language.model import Model
from explorer.language.sorts import Sort
from explorer.lowering import lower
from explorer.system.semantics import Semantics, State


def parameters(model: Callable[..., Model] | ModelFunction, **given: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A strategy of keyword arguments for the model function.

    A parameter that is a bool, an Enum or Annotated[int, Range(lo, hi)] takes all its values; any other keeps its default.
    `given`: parameter=strategy or parameter=value overrides that. Shrinks towards the defaults. Raises UsageError for a
    name that is no parameter, or a parameter without default that is not given.
    """
    function = model.function if isinstance(model, ModelFunction) else model
    hints = typing.get_type_hints(function, include_extras=True)
    signature = inspect.signature(function).parameters
    for name in given:
        if name not in signature:
            raise UsageError(f"{function.__name__} has no parameter {name!r}; it has {', '.join(signature)}")
    columns: dict[str, st.SearchStrategy[Any]] = {}
    for name, parameter in signature.items():
        if name in given:
            value = given[name]
            columns[name] = value if isinstance(value, st.SearchStrategy) else st.just(value)
            continue
        values = values_of(hints.get(name))
        if parameter.default is not parameter.empty:
            columns[name] = st.sampled_from([parameter.default, *(v for v in values if v != parameter.default)])
        elif values:
            columns[name] = st.sampled_from(values)
        else:
            raise UsageError(
                f"the parameter {name} of {function.__name__} has no default; give {name}=value or a strategy"
            )
    return st.fixed_dictionaries(columns)


def values_of(hint: Any) -> list[Any]:
    """Every value of a parameter's type, empty where they can't be listed."""
    if hint is bool:
        return [False, True]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)
    if typing.get_origin(hint) is typing.Annotated:
        for extra in typing.get_args(hint)[1:]:
            if isinstance(extra, Sort):
                return list(extra)
    return []


def walks(model: Model, max_steps: int = 50) -> st.SearchStrategy[str]:
    """A strategy of schedules of the model, up to `max_steps` steps. Shrinks to shorter ones and to earlier actors.

    ``explorer.replay(model, schedule)`` runs one.
    """
    system = lower(model)
    semantics = Semantics(system)

    @st.composite
    def walk(draw: st.DrawFn) -> str:
        state: State = semantics.initial[draw(st.integers(0, len(semantics.initial) - 1))]
        texts: list[str] = []
        for number in draw(st.lists(st.integers(0, 2**16), max_size=max_steps)):
            moves = [(a, t) for a, t in semantics.successors(state) if t is not None]
            if not moves:
                break
            action, target = moves[number % len(moves)]
            assert target is not None
            texts.append(schedule_text(system.actions[action]))
            state = target
        return compress(texts)

    return walk()
