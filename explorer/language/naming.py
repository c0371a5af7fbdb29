"""Which function is building a model, and with what: so that a model that is built by a plain call can be named too."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from types import FrameType
from typing import Any, get_type_hints

from explorer.errors import UsageError, shown_file
from explorer.language.rules import Rules, reads_nothing


def maker(frame: FrameType) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """What runs in the frame: its name for --model, its arguments, and those of them that differ from their defaults.

    All empty where it is no function that a command line could name. Raises UsageError for an argument of a wrong type.
    """
    code = frame.f_code
    named = frame.f_globals.get(code.co_name)
    function = inspect.unwrap(named) if callable(named) else None
    if not inspect.isfunction(function) or function.__code__ is not code:
        return "", {}, {}
    shipped = function.__module__ == f"explorer.models.{code.co_name}"
    known = inspect.signature(function).parameters
    values = {name: frame.f_locals[name] for name in known if name in frame.f_locals}
    check_types(function, values)
    given = {name: value for name, value in values.items() if not same(value, known[name].default)}
    return code.co_name if shipped else f"{shown_file(code.co_filename)}:{code.co_name}", values, given


def check_types(function: Callable[..., Any], values: Mapping[str, Any]) -> None:
    """Raise UsageError for an argument that is not of the bool, int, str or Enum that its annotation says.

    A wrong one would be compared with members of the Enum, never be equal, and silently build another model.
    """
    try:
        hints = get_type_hints(function)
    except Exception:  # whatever evaluating the user's annotations raises; told where they are needed
        return
    for name, value in values.items():
        wanted = hints.get(name)
        if not isinstance(wanted, type):
            continue
        if issubclass(wanted, Enum) and not isinstance(value, wanted):
            members = ", ".join(f"{wanted.__name__}.{m.name}" for m in wanted)
            raise UsageError(f"the parameter {name} must be one of {members}, not {value!r}")
        number = wanted is int and (not isinstance(value, int) or isinstance(value, bool))
        if number or wanted in (bool, str) and not isinstance(value, wanted):
            raise UsageError(f"the parameter {name} must be of the type {wanted.__name__}, not {value!r}")


def same(value: Any, default: Any) -> bool:
    """Equal; False where they can't be compared, as a rule left open can't."""
    if isinstance(value, Rules) and isinstance(default, Rules):
        return reads_nothing(value, default)
    try:
        return bool(value == default)
    except Exception:  # whatever the value's own comparison raises
        return False
