"""explore matrix: models by designs or kernels by properties."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

from explorer.cli.meter import CountMeter
from explorer.cli.options import check_out, natural, positive, put_answer

if TYPE_CHECKING:
    from explorer.answer.matrix import Cell
    from explorer.questions.matrix import Plan, Question, Row

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
    from explorer.answer.result import Verdict
    from explorer.questions.matrix import check_properties, matrix, may_say_more

    planned = plan(options)
    asked = question(options)
    check_properties(asked.properties, own_models=options.model is not None and ".py" in options.model)
    check_out(options.out)
    meter = CountMeter("rows")
    try:
        cells, interrupted = matrix(
            planned.rows, asked, jobs=options.jobs or os.cpu_count() or 1, progress=meter if meter.on else None
        )
    finally:
        meter.clear()
    cells += planned.broken
    made = answer_text(cells, options, planned.rows, asked, interrupted)
    put_answer(made, options.out)
    if interrupted:
        print("explore: interrupted: rows that were not searched say so", file=sys.stderr)
    if any(cell.verdict is Verdict.IN_ERROR for cell in cells):
        return 3
    return 130 if interrupted else 4 if may_say_more(cells) else 0


def question(options: argparse.Namespace) -> Question:
    """What is asked of every row."""
    from explorer.questions.matrix import MOST_STATES, Question

    properties = None if options.property is None else tuple(names(options.property))
    return Question(properties, options.depth, MOST_STATES if options.max_states is None else options.max_states)


def plan(options: argparse.Namespace) -> Plan:
    """The rows that are asked for."""
    from explorer.models.linux.designs import DESIGNS
    from explorer.questions.matrix import plan

    given = {name: names(getattr(options, name)) for name in ("design", "kernel") if getattr(options, name) is not None}
    usual = {"kernel": kernels_of(given.get("kernel", ["changes"])), "design": list(DESIGNS)}
    if options.kernel is not None:
        given["kernel"] = usual["kernel"]
    models = None if options.model is None else names(options.model)
    return plan(models, usual, given, None if options.family == "all" else options.family)


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


def names(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def answer_text(
    cells: list[Cell], options: argparse.Namespace, wanted: list[Row], asked: Question, interrupted: bool
) -> str:
    """The answer in the format that is asked for."""
    from explorer.questions.matrix import stamp_of
    from explorer.render.matrix import markdown, page, text

    if options.format == "json":
        return json.dumps([cell.to_json() for cell in cells], indent=1) + "\n"
    if options.format == "text":
        return text(cells)
    head = [f"Made by `{command(options)}`, each search stopped after about {asked.states:,} states.", ""]
    head.append(f"Sources: `{stamp_of(wanted, asked)}`.")
    if interrupted:
        head += ["", "Incomplete: it was interrupted."]
    return markdown(cells, head) if options.format == "markdown" else page(cells, head)


def command(options: argparse.Namespace) -> str:
    """The command that makes the same again."""
    from explorer.process.command_line import command_line

    given = ("family", "model", "kernel", "design", "property", "depth", "max_states", "format", "out")
    return command_line("matrix", **{name: getattr(options, name) for name in given})
