"""explore necessity: which guards, locks, decisions, statements and rules a model needs."""

from __future__ import annotations

import argparse
import json
import os
from typing import TYPE_CHECKING

from explorer.cli.meter import CountMeter
from explorer.cli.options import build_model, check_out, model_options, natural, positive, put_answer

if TYPE_CHECKING:
    from explorer.answer.necessity import NecessityAnswer
    from explorer.questions.necessity import Question

EPILOG = """Each condition of a step or rule, each lock, each decision and statement and each kernel rule is taken out, and the
search is done again: what breaks then needed it. What is not taken out is counted; --format json lists it.
docs/necessity.md
  explore necessity --model rdma_fork --kernel v6.8
  explore necessity --model mine.py:model --property assertions --traces
  explore necessity --all --max-states 2000 --format markdown --out reports/necessity.md
Exit code: 130 interrupted, 4 if a bound was reached, else 0."""


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser, required=False)
    parser.add_argument("--all", action="store_true", help="every shipped model (docs/necessity.md says how)")
    parser.add_argument("--property", action="append", metavar="NAME", help="only this property; may be repeated")
    parser.add_argument("--depth", type=natural, metavar="N", help="the first N steps only")
    parser.add_argument(
        "--max-states", type=natural, metavar="N", help="stop each search after about N states (default: 200,000)"
    )
    parser.add_argument("--jobs", type=positive, metavar="N", help="processes (default: one a core)")
    parser.add_argument("--traces", action="store_true", help="with the counterexample of each part that is necessary")
    parser.add_argument(
        "--format", choices=("text", "json", "markdown"), default="text", help="of the answer (default: text)"
    )
    parser.add_argument("--out", metavar="FILE", help="write it there instead of printing it")


def run(options: argparse.Namespace) -> int:
    from explorer.questions.necessity import necessities, necessity

    asked = questions(options)
    check_out(options.out)
    jobs = options.jobs or os.cpu_count() or 1
    meter = CountMeter("models" if options.all else "parts")
    try:
        if options.all:
            answers = necessities(asked, jobs=jobs, progress=meter if meter.on else None)
        else:
            answers = [necessity(asked[0], jobs=jobs, progress=meter if meter.on else None)]
    finally:
        meter.clear()
    interrupted = len(answers) < len(asked) or any(answer.interrupted for answer in answers)
    made = answer_text(answers, asked, options, interrupted)
    put_answer(made, options.out)
    return 130 if interrupted else 0 if all(answer.complete for answer in answers) else 4


def questions(options: argparse.Namespace) -> list[Question]:
    """What is asked. Raises UsageError."""
    from explorer.answer.catalogue import load, shipped_files
    from explorer.errors import UsageError
    from explorer.questions.necessity import MOST_STATES, Question, questions_of

    given = [tuple(text.split("=", 1)) for text in options.parameters]
    given += [("kernel", options.kernel)] if options.kernel is not None else []
    if options.all == (options.model is not None) or (options.all and given):
        raise UsageError(
            "necessity takes --model NAME, with -p and --kernel; or --all, with the parameters that the models' files name"
        )
    properties = None if options.property is None else tuple(options.property)
    states = MOST_STATES if options.max_states is None else options.max_states
    if options.all:
        return [
            q for name in shipped_files("models") for q in questions_of(load(name), properties, options.depth, states)
        ]
    build_model(options)  # wrong parameters are said before anything else
    return [Question(options.model, tuple((name, value) for name, value in given), properties, options.depth, states)]


def answer_text(
    answers: list[NecessityAnswer], asked: list[Question], options: argparse.Namespace, interrupted: bool
) -> str:
    """The answer in the format that is asked for."""
    from explorer.cache import content
    from explorer.questions.necessity import stamp
    from explorer.render.necessity import markdown, text

    if options.format == "json":
        every = [answer.to_json() for answer in answers]
        return json.dumps(every if options.all else every[0], indent=1) + "\n"
    if options.format == "text":
        return "\n".join(text(answer, options.traces) for answer in answers)
    head = [f"Made by `{command(options)}`, each search stopped after about {asked[0].states:,} states.", ""]
    head.append(f"Sources: `{content.digest(*map(stamp, asked))}`.")
    return markdown(answers, head + (["", "Incomplete: it was interrupted."] if interrupted else []))


def command(options: argparse.Namespace) -> str:
    """The command that makes the same again."""
    from explorer.process.command_line import command_line

    parameters = dict(text.split("=", 1) for text in options.parameters)
    others = {name: getattr(options, name) for name in ("property", "kernel", "depth", "max_states", "format", "out")}
    return command_line("necessity", all=options.all, model=options.model, parameters=parameters, **others)
