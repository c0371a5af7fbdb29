"""Which function is building a model, and with what: so that a model that is built by a plain call can be named too."""

from __future__ import annotations

import inspect
from types import FrameType
from typing import Any

from explorer.errors import shown_file


def maker(frame: FrameType) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """What runs in the frame: its name for --model, its arguments, and those of them that differ from their defaults.

    All empty where it is no function that a command line could name.
    """
    code = frame.f_code
    named = frame.f_globals.get(code.co_name)
    function = inspect.unwrap(named) if callable(named) else None
    if not inspect.isfunction(function) or function.__code__ is not code:
        return "", {}, {}
    shipped = function.__module__ == f"explorer.models.{code.co_name}"
    known = inspect.signature(function).parameters
    values = {name: frame.f_locals[name] for name in known if name in frame.f_locals}
    given = {name: value for name, value in values.items() if not same(value, known[name].default)}
    return code.co_name if shipped else f"{shown_file(code.co_filename)}:{code.co_name}", values, given


def same(value: Any, default: Any) -> bool:
    """Equal; False where they can't be compared, as a rule left open can't."""
    try:
        return bool(value == default)
    except Exception:  # whatever the value's own comparison raises
        return False
