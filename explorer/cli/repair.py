"""explore repair: which changes of rules make a property hold."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from explorer.cli.family import given, names
from explorer.cli.options import model_options, natural

if TYPE_CHECKING:
    from explorer.catalogue import ModelFunction
    from explorer.vary import Varied

EPILOG = """Every least set of changed rules under which the property holds, the commits that made these changes, what each costs
in other properties, and the counterexamples that rule out everything less. docs/repair.md
  explore repair --model pin_cow_reuse --property pinned_page_stays --vary fork,reuse
Exit code: 130 interrupted, 1 if the property is violated and nothing repairs it, 4 if a bound was reached, else 0."""


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser)
    parser.add_argument("--property", required=True, metavar="NAME", help="the property that is to hold")
    parser.add_argument(
        "--vary",
        metavar="RULE[=V/V...],...",
        help="the rules that may change (default: all that the model reads, without the protecting steps of every kernel)",
    )
    parser.add_argument("--depth", type=natural, metavar="N", help="the first N steps only")
    parser.add_argument(
        "--max-states", type=natural, metavar="N", help="stop each search after about N states (default: 1,000,000)"
    )
    parser.add_argument("--traces", action="store_true", help="with the diagram of each counterexample")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the answer (default: text)")


def run(options: argparse.Namespace) -> int:
    from explorer.catalogue import load
    from explorer.render.repair import text
    from explorer.repair import MOST_STATES, Question, repair
    from explorer.vary import parameters_of, varied

    text_given = given(options)
    function = load(options.model)  # once from here on: a file that is imported anew has other classes
    parameters = parameters_of(function, text_given)
    most = MOST_STATES if options.max_states is None else options.max_states
    question = Question(text_given, options.property, options.depth, most)
    if options.vary is None:
        wanted = candidates(function, parameters)
    else:
        wanted = [varied(function, parameters, name) for name in names(options.vary)]
    meter = Meter()
    try:
        answer = repair(
            function,
            question,
            wanted,
            said=about,
            progress=meter if sys.stderr.isatty() else None,
        )
    finally:
        meter.clear()
    print(json.dumps(answer, indent=1) + "\n" if options.format == "json" else text(answer, options.traces), end="")
    if answer["interrupted"]:
        return 130
    if answer["verdict"] == "violated" and not answer["repairs"]:
        return 1
    return 0 if answer["complete"] else 4


class Meter:
    """Progress on a terminal, one line, rewritten in place."""

    shown = False

    def __call__(self, searched: int, repairs: int) -> None:
        print(f"\r\x1b[K{searched} settings searched, {repairs} repairs", end="", file=sys.stderr, flush=True)
        self.shown = True

    def clear(self) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def candidates(function: ModelFunction, parameters: Mapping[str, Any]) -> list[Varied]:
    """The rules that the model reads; of a kernel's, a protecting step of every kernel only where it is left out."""
    from explorer.lowering import lower
    from explorer.models.linux.kernels import RULES, Area, Kernel
    from explorer.vary import records_of, rules_of, varied

    model = function(**parameters)
    lower(model, [])
    found: list[Varied] = []
    for record in records_of(parameters).values():
        read = model.rules_read.names(type(record))
        for name in sorted(read & rules_of(record).keys()):
            rule = RULES.get(name) if isinstance(record, Kernel) else None
            if rule is None or rule.area is not Area.PROTECTION or getattr(record, name) != rule.default:
                found.append(varied(function, parameters, name))
    return found


def about(rule: Varied, value: Any) -> dict[str, Any]:
    """What is known of a change of a kernel's rule: what the rule says, and the commits that made this change."""
    from explorer.models.linux.history import changing
    from explorer.models.linux.kernels import RULES, show_value

    if rule.record != "Kernel":
        return {}
    commits = [
        {"id": c.id, "subject": c.subject, "releases": c.releases, "tag": c.tag}
        for c in changing(rule.name)
        if c.rules[rule.name] == show_value(value)
    ]
    return {"sentence": RULES[rule.name].sentence, "commits": commits}
