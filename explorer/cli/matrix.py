"""explore matrix: models by designs or kernels by properties."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.options import natural, positive
from explorer.process.quoting import shell_command

if TYPE_CHECKING:
    from explorer.answer.catalogue import ModelFunction
    from explorer.questions.matrix import Cell, Question, Row

EPILOG = """examples:
  explore matrix                                        every model, its designs or the kernels at which rules changed
  explore matrix --model rdma_fork --kernel all         one model, every kernel
  explore matrix --family file --design none,wait       two designs
  explore matrix --format html --out reports/matrix.html
A file model is spread over its designs, any other over kernels; a model's file may say otherwise (docs/matrix.md).
Exit code: 3 if a model is in error, 130 interrupted, 4 if some cell is bounded, else 0."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--family", choices=("anon", "file", "all"), default="all", help="which models (default: all)")
    parser.add_argument(
        "--model", metavar="NAME,...", help="these models alone; a file of your own as FILE.py:FUNCTION"
    )
    parser.add_argument(
        "--kernel",
        metavar="all|V,...",
        help="these kernels, or all listed ones (default: those at which a rule changed)",
    )
    parser.add_argument("--design", metavar="NAME,...", help="these values of design (default: all)")
    parser.add_argument("--property", metavar="NAME,...", help="these properties alone")
    parser.add_argument("--depth", type=natural, metavar="N", help="check the first N steps of each model only")
    parser.add_argument(
        "--max-states", type=natural, metavar="N", help="stop each search after about N states (default: 1,000,000)"
    )
    parser.add_argument("--jobs", type=positive, metavar="N", help="processes (default: one a core)")
    parser.add_argument(
        "--format", choices=("text", "json", "markdown", "html"), default="text", help="of the answer (default: text)"
    )
    parser.add_argument("--out", metavar="FILE", help="write it there instead of printing it")


def run(options: argparse.Namespace) -> int:
    from explorer.questions.matrix import IN_ERROR, blank, bounded, matrix

    wanted, broken = plan(options)
    asked = question(options)
    check_properties(asked.properties, options.model)
    if options.out is not None:
        from explorer.render.files import check_no_source, check_writable

        check_no_source(options.out)
        check_writable(Path(options.out).parent)
    meter = Meter(sys.stderr.isatty(), "rows")
    try:
        cells, interrupted = matrix(
            wanted, asked, jobs=options.jobs or os.cpu_count() or 1, progress=meter if meter.on else None
        )
    finally:
        meter.clear()
    cells += [blank(row, IN_ERROR, reason) for row, reason in broken]
    made = rendered(cells, options, wanted, asked, interrupted)
    if options.out is None:
        print(made, end="")
    else:
        from explorer.render.files import write_text

        print(f"wrote {write_text(options.out, made)}")
    if interrupted:
        print("explore: interrupted: rows that were not searched say so", file=sys.stderr)
    if any(cell["verdict"] == IN_ERROR for cell in cells):
        return 3
    return 130 if interrupted else 4 if bounded(cells) else 0


def question(options: argparse.Namespace) -> Question:
    """What is asked of every row."""
    from explorer.questions.matrix import MOST_STATES, Question

    properties = None if options.property is None else tuple(names(options.property))
    return Question(properties, options.depth, MOST_STATES if options.max_states is None else options.max_states)


def plan(options: argparse.Namespace) -> tuple[list[Row], list[tuple[Row, str]]]:
    """The rows that are asked for; and those of models that can't be loaded, with the reason."""
    from explorer.answer.catalogue import load, plugins, shipped
    from explorer.errors import ModelError, UsageError
    from explorer.models.linux.designs import DESIGNS
    from explorer.questions.matrix import Row, family, rows

    listed = names(options.model) if options.model is not None else [*shipped("models"), *plugins("models")]
    given = {name: names(getattr(options, name)) for name in ("design", "kernel") if getattr(options, name) is not None}
    usual = {"kernel": kernels_of(given.get("kernel", ["changes"])), "design": list(DESIGNS)}
    if options.kernel is not None:
        given["kernel"] = usual["kernel"]
    functions: list[ModelFunction] = []
    broken: list[tuple[Row, str]] = []
    for name in listed:
        try:
            functions.append(load(name))
        except ModelError as e:
            broken.append((Row(name), str(e)))
    functions = [f for f in functions if options.family in ("all", family(f))]
    check_designs(functions, given.get("design", []))
    wanted = [row for f in functions for row in rows(f, usual, given)]
    if not wanted and not broken:
        raise UsageError(f"none of the models is of the family {options.family}")
    return wanted, broken


def check_designs(functions: list[ModelFunction], designs: list[str]) -> None:
    """Raise UsageError for a design that no model knows."""
    from explorer.errors import UsageError

    for design in designs:
        refused = None
        for function in (f for f in functions if "design" in f.parameters):
            try:
                function.convert("design", design)
                break
            except UsageError as e:
                refused = e
        else:
            raise refused or UsageError("none of the models has a parameter design")


def kernels_of(wanted: list[str]) -> list[str]:
    """``all``: those of `explore list kernels`; ``changes``: of these the ones at which a rule changed; else as given."""
    from explorer.models.linux.history import KERNELS
    from explorer.models.linux.kernels import kernel, rules_of

    if wanted == ["all"]:
        return [name for name, _ in KERNELS]
    if wanted == ["changes"]:
        rules = [rules_of(kernel(name)) for name, _ in KERNELS]
        return [name for i, (name, _) in enumerate(KERNELS) if i == 0 or rules[i] != rules[i - 1]]
    for name in wanted:
        kernel(name)  # a wrong one is said before anything is searched
    return wanted


def check_properties(wanted: tuple[str, ...] | None, models: str | None) -> None:
    """Raise UsageError for a name that is no property; a model of one's own may have more than the shipped ones."""
    from explorer.answer.catalogue import nearest, plugins, shipped
    from explorer.errors import UsageError
    from explorer.search.reference import ASSERTIONS, DEADLOCK

    known = [*shipped("properties"), *plugins("properties"), ASSERTIONS, DEADLOCK]
    for name in wanted or ():
        if name not in known and not (models and ".py" in models):
            raise UsageError(f"there is no property {name!r}{nearest(name, known)}")


def names(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def rendered(
    cells: list[Cell], options: argparse.Namespace, wanted: list[Row], asked: Question, interrupted: bool
) -> str:
    """The answer in the format that is asked for."""
    from explorer.questions.matrix import stamp_of
    from explorer.render.matrix import markdown, page, text

    if options.format == "json":
        return json.dumps(cells, indent=1) + "\n"
    if options.format == "text":
        return text(cells)
    head = [f"Made by `{command(options)}`, each search stopped after about {asked.states:,} states.", ""]
    head.append(f"Sources: `{stamp_of(wanted, asked)}`.")
    if interrupted:
        head += ["", "Incomplete: it was interrupted."]
    return markdown(cells, head) if options.format == "markdown" else page(cells, head)


def command(options: argparse.Namespace) -> str:
    """The command that makes the same again."""
    words = ["explore", "matrix"]
    for name in ("family", "model", "kernel", "design", "property", "depth", "max_states", "format", "out"):
        value = getattr(options, name)
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return shell_command(words)


class Meter:
    """Progress on a terminal, one line, rewritten in place. What was there before the first is not in the estimate."""

    def __init__(self, on: bool, noun: str) -> None:
        self.on, self.noun, self.shown, self.began, self.first = on, noun, False, time.monotonic(), 0

    def __call__(self, done: int, whole: int) -> None:
        self.first = self.first or done - 1
        rest = (time.monotonic() - self.began) / (done - self.first) * (whole - done)
        text = f"{done} of {whole} {self.noun}  perhaps {rest:.0f} s remain"
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        self.shown = True

    def clear(self) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
