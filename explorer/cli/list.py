"""explore list: what there is, one line each. Reads docstrings without importing models."""

from __future__ import annotations

import argparse
from enum import Enum

KINDS = ("models", "properties", "kernels", "rules")
EPILOG = "`explore show NAME` says more about a model or a property."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", metavar="WHAT", help=f"only these: {', '.join(KINDS)}")


def run(options: argparse.Namespace) -> int:
    from explorer.catalogue import plugins, summaries
    from explorer.errors import UsageError, did_you_mean

    if options.what not in (None, *KINDS):
        raise UsageError(f"list takes {', '.join(KINDS)}, not {options.what!r}{did_you_mean(options.what, KINDS)}")
    for kind in ("models", "properties"):
        if options.what in (None, kind):
            rows = [*summaries(kind), *((n, f"from {p.value}") for n, p in plugins(kind).items())]
            print(f"{kind}:")
            table(rows)
    if options.what in (None, "kernels", "rules"):
        from explorer.models.linux.kernels import KERNELS, RULES, kernel, rules_of

        if options.what in (None, "kernels"):
            print("kernels (--kernel V; any release between two has the rules of the commits merged by then):")
            table(list(KERNELS))
        if options.what in (None, "rules"):
            newest = rules_of(kernel(KERNELS[-1][0]))
            print("rules (--kernel V+RULE=VALUE changes one):")
            for name, rule in RULES.items():
                print(f"  {name}={values(newest[name])}\n      {rule.sentence}\n      {rule.commit}")
    return 0


def values(example: object) -> str:
    """The values that a rule can have, from one of them."""
    return "|".join(m.name.lower() for m in type(example)) if isinstance(example, Enum) else "on|off"


def table(rows: list[tuple[str, str]]) -> None:
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        print(f"  {name:{width}}  {text}")
