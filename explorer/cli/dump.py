"""explore dump: the lowered system."""

from __future__ import annotations

import argparse

from explorer.cli.options import build_model, model_options

EPILOG = """First the variables with their values and initial values, then for each thread its actions: where they start and end,
the guard, what they assign. Equal models give equal text, so `diff` shows what an edit changed."""


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser)


def run(options: argparse.Namespace) -> int:
    from explorer.answer.checking import select
    from explorer.lowering import lower
    from explorer.system.dump import dump

    model = build_model(options)
    claims, _ = select(model, None)
    print(dump(lower(model, claims)), end="")
    return 0
