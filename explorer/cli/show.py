"""explore show NAME: a model's story, its table, its parameters and what is asked of it; or what a property says."""

from __future__ import annotations

import argparse
import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.answer.catalogue import ModelFunction

EPILOG = "`explore list` has the names."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="MODEL|PROPERTY", help="a name of `explore list`, or FILE.py:FUNCTION of your own"
    )


def run(options: argparse.Namespace) -> int:
    from explorer.answer.catalogue import load, plugins, properties, shipped_files
    from explorer.errors import UsageError, did_you_mean

    name = options.name
    if ":" not in name and not name.endswith(".py"):
        asked = [*shipped_files("properties"), *plugins("properties")]
        if name in asked:
            print(inspect.cleandoc(properties()[name].function.__doc__ or name))
            return 0
        models = [*shipped_files("models"), *plugins("models")]
        if name not in models:
            raise UsageError(
                f"there is no model or property {name!r}{did_you_mean(name, [*models, *asked], listed=True)}"
            )
    print("\n\n".join(model_texts(load(name))))
    return 0


def model_texts(function: ModelFunction) -> list[str]:
    """What there is to say about a model: its documentation, its parameters, its properties."""
    module = inspect.cleandoc(inspect.unwrap(function.function).__globals__["__doc__"] or "")
    told, described = split(inspect.cleandoc(function.function.__doc__ or ""))
    first = module.split("\n")[0]
    told = told.removeprefix(first).strip()  # the same sentence is said once
    return [text for text in (module, told, parameters(function, described), asked_text(function)) if text]


def split(doc: str) -> tuple[str, dict[str, str]]:
    """A docstring without its section `Parameters:`, and what that says of each parameter."""
    before, _, section = doc.partition("\nParameters:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", section, re.M)
    return before, {name: " ".join(text.split()) for name, text in found}


def parameters(function: ModelFunction, described: dict[str, str]) -> str:
    """Each parameter: its values, its default, what it means."""
    from explorer.language.values import parameter_text
    from explorer.render.plain import paragraph

    lines = []
    for name, parameter in function.parameters.items():
        default = "required" if parameter.default is parameter.empty else f"default {parameter_text(parameter.default)}"
        lines.append(f"  {name}={values(function.types.get(name))}  ({default})")
        if name in described:
            lines += paragraph(described[name], 6, 6, 110, hyphens=True, cut=True)
    return "\n".join(["parameters (-p NAME=VALUE):", *lines]) if lines else ""


def values(wanted: object) -> str:
    """What may stand after the = of a parameter of that type."""
    from enum import Enum

    if wanted is bool:
        return "on|off"
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return "|".join(m.name.lower() for m in wanted)
    return "N" if wanted is int else getattr(wanted, "__name__", str(wanted)).upper()


def asked_text(function: ModelFunction) -> str:
    """What is asked of the model with its default parameters."""
    from explorer.answer.checking import select
    from explorer.errors import ExplorerError
    from explorer.render.plain import paragraph

    try:
        claims, _ = select(function(), None)
    except ExplorerError:
        return ""  # a required parameter, or a fault that a run will tell
    must = [(c.name, c.sentence) for c in claims if c.kind != "reachable"]
    states = [c.name for c in claims if c.kind == "reachable"]
    lines = ["properties, with the defaults (--property NAME):"]
    width = max((len(name) for name, _ in must), default=0)
    lines += [f"  {name:{width}}  {sentence}".rstrip() for name, sentence in must]
    if states:
        lines += paragraph(f"must be reachable: {', '.join(states)}", 2, 4, 110, hyphens=True, cut=True)
    return "\n".join(lines) if must or states else ""
