"""explore list: what there is, one line each. Reads docstrings without importing models."""

from __future__ import annotations

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("models", "properties", "kernels", "rules"), help="only these")


def run(options: argparse.Namespace) -> int:
    from explorer.catalogue import plugins, summaries

    for kind in ("models", "properties"):
        if options.what in (None, kind):
            rows = [*summaries(kind), *((n, f"from {p.value}") for n, p in plugins(kind).items())]
            print(f"{kind}:")
            table(rows)
    if options.what in (None, "kernels", "rules"):
        from explorer.models.linux.kernels import KERNELS, RULES

        if options.what in (None, "kernels"):
            print("kernels:")
            table(list(KERNELS))
        if options.what in (None, "rules"):
            print("rules (--kernel V+RULE=VALUE):")
            table([(name, rule.sentence) for name, rule in RULES.items()])
    return 0


def table(rows: list[tuple[str, str]]) -> None:
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        print(f"  {name:{width}}  {text}")
