"""explore family: many settings of a model at once."""

from __future__ import annotations

import argparse
import json

from explorer.cli.options import engine_option, model_options, natural, seconds

EPILOG = """Rules left open are explored in one search: each state with the settings under which it is reachable. Every setting
gets the verdict and the depth that a run of it alone gives. docs/families.md
  explore family --model pin_cow_reuse --vary fork,reuse=mapcount/page_count,has_pinned,madv_dontfork
Exit code: 3 if the model is in error in some setting, 130 interrupted, 4 if a bound was reached, else 0."""


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser)
    parser.add_argument(
        "--vary",
        required=True,
        metavar="RULE[=V/V...],...",
        help="the rules that take all their values, or these; also parameters of the model that are on or off or one of several",
    )
    parser.add_argument("--property", action="append", metavar="NAME", help="only this property; may be repeated")
    limits(parser)


def limits(parser: argparse.ArgumentParser) -> None:
    """Bounds of a search for many settings, and the form of the answer."""
    parser.add_argument("--depth", type=natural, metavar="N", help="the first N steps only")
    parser.add_argument(
        "--max-states", type=natural, metavar="N", help="stop after about N states of all settings together"
    )
    parser.add_argument("--max-seconds", type=seconds, metavar="S", help="stop each search after about S seconds")
    engine_option(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the answer (default: text)")


def run(options: argparse.Namespace) -> int:
    from explorer.cli.meter import SearchMeter
    from explorer.questions.family import Question, explore
    from explorer.render.family import text

    question = Question(
        options.model,
        given_parameters(options),
        tuple(names(options.vary)),
        None if options.property is None else tuple(options.property),
        options.depth,
        options.max_states,
        options.max_seconds,
        options.engine,
    )
    meter = SearchMeter()
    try:
        answer = explore(question, say=meter.say if meter.on else None, progress=meter if meter.on else None)
    finally:
        meter.clear()
    print(json.dumps(answer.to_json(), indent=1) + "\n" if options.format == "json" else text(answer), end="")
    return answer.exit_code


def given_parameters(options: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    """The parameters as they were given. Raises UsageError as for a run."""
    from explorer.cli.options import build_model

    build_model(options)
    found = [(name, value) for name, _, value in (text.partition("=") for text in options.parameters)]
    return tuple([*found, *([("kernel", options.kernel)] if options.kernel is not None else [])])


def names(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
