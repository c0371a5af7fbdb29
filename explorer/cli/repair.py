"""explore repair: which changes of rules make a property hold."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from explorer.cli.family import given_parameters, names
from explorer.cli.meter import Meter
from explorer.cli.options import model_options, natural

if TYPE_CHECKING:
    from explorer.answer.repair import Provenance, Repair, RepairAnswer, Standing
    from explorer.language.rules import Rules
    from explorer.questions.vary import Varied
    from explorer.search.outcome import Progress

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
        help="the rules that may change (default: all that the model reads in any setting of them, without the protecting "
        "steps of every kernel)",
    )
    parser.add_argument("--depth", type=natural, metavar="N", help="the first N steps only")
    parser.add_argument(
        "--max-states", type=natural, metavar="N", help="stop each search after about N states (default: 1,000,000)"
    )
    parser.add_argument("--traces", action="store_true", help="with the diagram of each counterexample")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the answer (default: text)")


def run(options: argparse.Namespace) -> int:
    from explorer.answer.catalogue import load
    from explorer.questions.repair import MOST_STATES, Question, Telling, repair
    from explorer.questions.vary import parameters_of, varied_rule

    text_given = given_parameters(options)
    function = load(options.model)  # once from here on: a file that is imported anew has other classes
    most = MOST_STATES if options.max_states is None else options.max_states
    question = Question(text_given, options.property, options.depth, most)
    wanted = None
    if options.vary is not None:
        parameters = parameters_of(function, text_given)
        wanted = [varied_rule(function, parameters, name) for name in names(options.vary)]
    shown = Shown(options.format == "text")
    telling = Telling(
        provenance,
        shown.standing if shown.text else None,
        shown.sized if shown.text else None,
        shown.progress if shown.meter.on else None,
        shown.within if shown.meter.on else None,
        shown.say if shown.meter.on else None,
    )
    try:
        answer = repair(function, question, wanted, why_not=protecting, telling=telling)
    finally:
        shown.meter.clear()
    if options.format == "json":
        print(json.dumps(answer.to_json(), indent=1))
    else:
        shown.rest(answer, options.traces)
    return answer.exit_code


class Shown:
    """The answer as far as it is known, at once; and on a terminal progress, one line, rewritten in place."""

    def __init__(self, text: bool) -> None:
        self.text, self.meter = text, Meter()
        self.line = self.inner = ""
        self.count: int | None = None  # of sets that stand there; None: nothing does

    def standing(self, given: Standing) -> None:
        from explorer.render.repair import beginning

        self.put(beginning(given))
        self.count = 0

    def sized(self, repairs: list[Repair]) -> None:
        from explorer.render.repair import listed_sets

        self.put(listed_sets(repairs, self.count or 0))
        self.count = (self.count or 0) + len(repairs)

    def rest(self, answer: RepairAnswer, traces: bool) -> None:
        """What has not been shown yet."""
        from explorer.render.repair import beginning, ending, listed_sets

        if self.count is None:
            self.put(beginning(answer))
        self.put(listed_sets(answer.repairs[self.count or 0 :], self.count or 0) + ending(answer, traces))

    def put(self, text: str) -> None:
        self.meter.clear()
        print(text, end="", flush=True)

    def progress(self, searched: int, repairs: int, left: int, every: int) -> None:
        from explorer.render.plain import number_of

        done = f"{number_of(searched, 'search')}, {number_of(repairs, 'least set')} found"
        self.line = f"{done}, {left:,} of {number_of(every, 'setting')} left"
        self.inner = ""
        self.write()

    def within(self, progress: Progress) -> None:
        self.inner = f"  ({progress.states:,} states, depth {progress.depth})"
        self.write()

    def say(self, text: str) -> None:
        self.inner = f"  ({text})"
        self.write()

    def write(self) -> None:
        self.meter.line(f"{self.line}{self.inner}")


def protecting(record: Rules, name: str) -> str:
    """Why the rule does not vary unless it is named: a protecting step of every kernel, which is there, is not the fix."""
    from explorer.models.linux.kernels import RULES, Area, Kernel

    rule = RULES.get(name) if isinstance(record, Kernel) else None
    if rule is None or rule.area is not Area.PROTECTION or getattr(record, name) != rule.default:
        return ""
    return "a protecting step of every kernel"


def provenance(rule: Varied, value: Any) -> Provenance | None:
    """What is known of a change of a kernel's rule: what the rule says, and the commits that made this change."""
    from explorer.answer.repair import Provenance, RuleCommit
    from explorer.language.values import rule_text
    from explorer.models.linux.kernels import RULES, changing

    if rule.record != "Kernel":
        return None
    commits = [c for c in changing(rule.name) if c.rules[rule.name] == rule_text(value)]
    listed = tuple(RuleCommit(c.id, c.subject, c.releases, c.tag) for c in commits)
    return Provenance(RULES[rule.name].sentence, listed)
