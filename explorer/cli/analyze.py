"""explore analyze: what z3 proves of a model before any search."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from explorer.cli.options import build_model, model_options, natural, need_z3
from explorer.errors import UsageError

EPILOG = """Proves that no value leaves its range, finds invariants, steps that never happen and why, conditions that
are said twice, properties that no step can break, which steps commute, and what is symmetric. docs/analyze.md explains.
  explore analyze --model rdma_fork
  explore analyze --model rdma_fork --format json
What it says can be asked again: write the answer in JSON to a file, and give that to --recheck.
Exit code: 1 if a recheck finds something that is not so, 4 if not all could be asked (or z3 gave up), else 0."""
PAIRS = 1_000


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser, required=False)
    parser.add_argument("--all", action="store_true", help="list everything, not the first few of each kind")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the answer (default: text)")
    parser.add_argument(
        "--recheck",
        type=Path,
        metavar="FILE",
        help="ask again all that FILE, an answer in JSON, says: of z3 and of cvc5 where it is installed (pip install cvc5)",
    )
    parser.add_argument(
        "--pairs", type=natural, default=PAIRS, metavar="N", help=f"independent pairs to ask again (default: {PAIRS:,})"
    )
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="which of them (default: 0)")


def run(options: argparse.Namespace) -> int:
    need_z3("explore analyze")
    if options.recheck is not None:
        if options.model is not None:
            raise UsageError("--recheck takes the model from its file: leave --model out")
        return again(options)
    if options.model is None:
        raise UsageError("--model NAME is needed (`explore list` shows the models), or --recheck FILE")
    from explorer.certificates import certificate
    from explorer.checking import settings
    from explorer.cli.run import Meter
    from explorer.proving import lowered
    from explorer.render.analyze import text
    from explorer.symbolic.analyze import analyze

    model = build_model(options)
    system, lemmas = lowered(model, None)
    meter = Meter(sys.stderr.isatty())
    try:
        proved = certificate(system, lemmas, meter.line if meter.on else None)
        if meter.on:
            meter.line("z3: which steps commute, and what is symmetric")
        answer = {
            "schema": 1,
            "model": options.model,
            "parameters": settings(model),
            **analyze(system, proved),
        }
    finally:
        meter.clear()
    print(json.dumps(answer, indent=1) if options.format == "json" else text(answer, options.all), end="")
    return 4 if proved.given_up else 0


def again(options: argparse.Namespace) -> int:
    """Ask again what an answer says. Raises UsageError where the file is none, or of another model."""
    from explorer import content
    from explorer.catalogue import load
    from explorer.proving import lowered
    from explorer.reduction.certificate import Certificate
    from explorer.symbolic.recheck import available, recheck, some_pairs

    try:
        given = json.loads(options.recheck.read_text())
        proved = Certificate.of_json(given["certificate"])
        masks = [int(m, 16) for m in given["independence"]["masks"]]
        name, parameters = given["model"], given["parameters"]
    except OSError as e:
        raise UsageError(f"{options.recheck} can't be read: {e.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{options.recheck} is no answer of `explore analyze --format json`") from None
    function = load(name)
    model = function(**{key: function.convert(key, value) for key, value in parameters.items()})
    system, _ = lowered(model, None)
    if content.of_system(system) != proved.system or len(masks) != len(system.actions):
        raise UsageError(
            f"{options.recheck} is of another system: the model, its parameters, the properties or this tool have changed since"
        )
    dead = set(proved.dead)
    steps = [i for i, a in enumerate(system.actions) if a.outcome == "step" and i not in dead]
    pairs = some_pairs(masks, steps, options.pairs, options.seed)
    print(f"{name}: {len(proved.invariants):,} invariants, {len(dead):,} dead actions, {len(proved.proved)} properties, "
          f"{len(pairs):,} independent pairs")  # fmt: skip
    worst = 0
    for solver in ("z3", "cvc5"):
        if solver not in available():
            print(f"  {solver}: not installed (pip install {solver}): not asked", file=sys.stderr)
            worst = max(worst, 4)
            continue
        answers = recheck(system, proved, pairs, solver)
        said = ", ".join(f"{n:,} {answer}" for answer, n in sorted(answers.counts.items()))
        print(f"  {solver}: {said}{'' if answers.doubtful else ': all of it is so'}")
        for question in answers.doubtful[:20]:
            print(f"    not confirmed: {question}")
        if answers.doubtful:
            worst = 1
    return worst
