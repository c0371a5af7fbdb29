"""explore show MODEL: its story, its table, its parameters and defaults."""

from __future__ import annotations

import argparse
import inspect


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL")


def run(options: argparse.Namespace) -> int:
    import sys
    from enum import Enum

    from explorer.catalogue import load
    from explorer.checking import text_of

    function = load(options.model)
    module = sys.modules[function.function.__module__]
    for text in (module.__doc__, function.function.__doc__):
        if text:
            print(inspect.cleandoc(text))
            print()
    print("parameters (-p NAME=VALUE):")
    types = function.types
    for name, parameter in function.parameters.items():
        wanted = types.get(name)
        if wanted is bool:
            values = "on|off"
        elif isinstance(wanted, type) and issubclass(wanted, Enum):
            values = "|".join(m.name.lower() for m in wanted)
        else:
            values = getattr(wanted, "__name__", str(wanted))
        default = "required" if parameter.default is parameter.empty else f"default {text_of(parameter.default)}"
        print(f"  {name}={values}  ({default})")
    return 0
