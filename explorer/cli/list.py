"""explore list: what there is, one line each. Reads docstrings without importing models."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.models.linux.kernels import Rule

KINDS = ("models", "properties", "kernels", "rules")
EPILOG = (
    "`explore show NAME` says more about a model or a property, `explore diff V V` what changed between two kernels."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", metavar="WHAT", help=f"only these: {', '.join(KINDS)}")


def run(options: argparse.Namespace) -> int:
    from explorer.answer.catalogue import plugins, summaries
    from explorer.errors import UsageError, did_you_mean

    if options.what not in (None, *KINDS):
        raise UsageError(f"list takes {', '.join(KINDS)}, not {options.what!r}{did_you_mean(options.what, KINDS)}")
    for kind in ("models", "properties"):
        if options.what in (None, kind):
            rows = [*summaries(kind), *((n, f"from {p.value}") for n, p in plugins(kind).items())]
            print(f"{kind}:")
            table(rows)
    if options.what in (None, "kernels"):
        from explorer.models.linux.history import KERNELS

        print("kernels (--kernel V; any release between two has the rules of the commits merged by then):")
        table(list(KERNELS))
    if options.what in ("kernels", "rules"):
        for line in rules():
            print(line)
    elif options.what is None:
        print("rules: `explore list rules`")
    return 0


def rules() -> list[str]:
    """Every rule: its values, what it says, and its commits."""
    from explorer.models.linux.kernels import RULES, Area

    lines = [
        "rules (--kernel V+RULE=VALUE changes one), each with its value in v4.15, its values, its kernel",
        "function, and the commits that changed it: [V] read, [Vx] read as an excerpt, [R] recalled.",
    ]
    for area in Area:
        lines += ["", f"{area.value}:"]
        for rule in RULES.values():
            if rule.area is area:
                lines += rule_lines(rule)
    return lines


def rule_lines(rule: Rule) -> list[str]:
    """The lines of one rule."""
    from explorer.language.values import rule_text, rule_values
    from explorer.render.plain import paragraph

    choice = "|".join(rule_text(v) for v in rule_values(rule.default))
    lines = [f"  {rule.name}={rule_text(rule.default)}  ({choice})"]
    unread = (f"recorded, read by no model: {rule.unread}",) if rule.unread else ()
    for text in (f"{rule.sentence}; {rule.at}", *rule.commits, *unread):
        lines += paragraph(text, 6, 8, hyphens=True, cut=True)
    return lines


def table(rows: list[tuple[str, str]]) -> None:
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        print(f"  {name:{width}}  {text}")
