"""Options that several verbs share, and how they become a model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from explorer.errors import UsageError


def model_options(parser: argparse.ArgumentParser, required: bool = True) -> None:
    parser.add_argument(
        "--model",
        required=required,
        metavar="NAME|FILE.py:FUNCTION",
        help="a model of `explore list`, or the function of your own file that builds one",
    )
    parameter_option(parser, " (`explore show MODEL` lists them)")
    parser.add_argument(
        "--kernel",
        metavar="V[+RULE=VALUE]...",
        help="whose rules hold, as v5.10 or v5.11+write_protect_seq=off (`explore list kernels`, `explore list rules`)",
    )


def parameter_option(parser: argparse.ArgumentParser, more: str = "") -> None:
    """-p NAME=VALUE; `more`: what its help says besides."""
    parser.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"set a parameter of the model; may be repeated{more}",
    )


def engine_option(
    parser: argparse.ArgumentParser,
    auto: str = "the evaluator, then the compiled search (native) where there are many states",
) -> None:
    """--engine; `auto`: which the program takes by itself."""
    parser.add_argument("--engine", choices=("auto", "evaluator", "native"), default="auto", help=f"auto: {auto}")


def check_out(file: str | None) -> None:
    """Raises UsageError where the answer could not be written there, before anything is asked."""
    if file is not None:
        from explorer.render.files import check_no_source, check_writable

        check_no_source(file)
        check_writable(Path(file).parent)


def put_answer(text: str, file: str | None) -> None:
    """Write the answer into the file, or print it."""
    if file is None:
        print(text, end="")
    else:
        from explorer.render.files import write_text

        print(f"wrote {write_text(file, text)}")


def need_z3(command: str) -> None:
    """Raises UsageError where z3 is not installed."""
    try:
        import explorer.symbolic.encode  # noqa: F401
    except ImportError:
        raise UsageError(f"{command} needs z3, which is not installed: pip install z3-solver") from None


def build_model(options: argparse.Namespace) -> Any:
    """The model the options name. Raises UsageError and ModelError."""
    from explorer.answer.catalogue import load

    function = load(options.model)
    values: dict[str, Any] = {}
    given = list(options.parameters)
    if options.kernel is not None:
        if "kernel" not in function.parameters:
            raise UsageError(f"the model {options.model} has no kernel: its rules are its own")
        given.append(f"kernel={options.kernel}")
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"-p takes NAME=VALUE, not {text!r}")
        if name in values:
            raise UsageError(f"the parameter {name} is given twice")
        values[name] = function.convert(name, value)
    return function(**values)


def natural(text: str) -> int:
    """An argparse type: an integer of at least 0."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be an integer, not {text!r}") from None
    if value < 0:
        raise argparse.ArgumentTypeError(f"must not be negative, not {value}")
    return value


def positive(text: str) -> int:
    """An argparse type: an integer of at least 1."""
    value = natural(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1, not 0")
    return value


LEAST_MEMORY = 512 << 20  # bytes: Python and the compiler for loops take half of it before there is any state


def memory(text: str) -> int:
    """An argparse type: a size in bytes, as 4G, 800M."""
    units = {"K": 10, "M": 20, "G": 30, "T": 40}
    number, unit = (text[:-1], text[-1].upper()) if text[-1:].upper() in units else (text, "")
    try:
        value = int(float(number) * (1 << units.get(unit, 0)))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"must be a size as 4G or 800M, not {text!r}") from None
    if value < LEAST_MEMORY:
        raise argparse.ArgumentTypeError(f"must be at least 512M, not {text}")
    return value


def seconds(text: str) -> float:
    """An argparse type: a time in seconds."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number of seconds, not {text!r}") from None
    if not 0 <= value < 1e12:
        raise argparse.ArgumentTypeError(f"must be a positive number of seconds, not {text}")
    return value
