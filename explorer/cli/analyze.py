"""explore analyze: what z3 proves of a model before any search."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from explorer.cli.options import build_model, model_options, natural, need_z3
from explorer.errors import UsageError

EPILOG = """Proves that no value leaves its range, finds invariants, steps that never happen and why, conditions that
are said twice, properties that no step can break, which steps commute, and what is symmetric. docs/analyze.md explains.
  explore analyze --model rdma_fork
  explore analyze --model rdma_fork --format json
What it says can be asked again: write the answer in JSON to a file, and give that to --recheck. Of a model in a
file of your own, give --model FILE.py:FUNCTION too: nothing is imported because a file says so.
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
        if options.parameters or options.kernel is not None:
            raise UsageError("--recheck takes the parameters from its file: leave out -p and --kernel")
        return again(options)
    if options.model is None:
        raise UsageError("--model NAME is needed (`explore list` shows the models), or --recheck FILE")
    from explorer.cli.meter import Meter
    from explorer.questions.proving import analysis
    from explorer.render.analyze import text

    model = build_model(options)
    meter = Meter()
    try:
        answer = analysis(model, meter.line if meter.on else None)
    finally:
        meter.clear()
    print(json.dumps(answer.to_json(), indent=1) if options.format == "json" else text(answer, options.all), end="")
    return 4 if answer.analysis.certificate.given_up else 0


def again(options: argparse.Namespace) -> int:
    """Ask again what an answer says. Raises UsageError where the file is none, or of another model."""
    from explorer.answer.catalogue import load
    from explorer.answer.model_names import shipped_model
    from explorer.cache import content
    from explorer.process import foreign
    from explorer.questions.proving import lowered_model
    from explorer.reduction.certificate import claimed_certificate
    from explorer.symbolic.recheck import available, recheck, some_pairs

    path = options.recheck
    try:
        given = foreign.mapping(foreign.plain(foreign.read(path)))
        name, parameters = foreign.text(given.get("model")), foreign.mapping(given.get("parameters"))
        values = {key: foreign.text(value) for key, value in parameters.items()}
        digest = foreign.text(foreign.mapping(given.get("certificate")).get("system"))
    except OSError as e:
        raise UsageError(f"{path} can't be read: {(e.strerror or str(e)).lower()}") from None
    except foreign.Malformed as e:
        raise UsageError(f"{path} is no answer of `explore analyze --format json`: {e}") from None
    command = ["analyze", "--recheck", str(path)]
    name = shipped_model(name, options.model, str(path), command)
    function = load(name)
    model = function(**{key: function.convert(key, value) for key, value in values.items()})
    system, _ = lowered_model(model, None)
    if content.of_system(system) != digest:
        raise UsageError(
            f"{path} is of another system: the model, its parameters, the properties or this tool have changed since"
        )
    try:
        proved = claimed_certificate(given["certificate"], system)
        masks = masks_of(given.get("independence"), len(system.actions))
    except foreign.Malformed as e:
        raise UsageError(f"{path} is no answer of `explore analyze --format json`: {e}") from None
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


def masks_of(given: Any, actions: int) -> list[int]:
    """For each action the mask of those that depend on it. Raises foreign.Malformed."""
    from explorer.process import foreign

    texts = foreign.texts(foreign.mapping(given).get("masks"))
    if len(texts) != actions or not all(re.fullmatch("[0-9a-f]+", t) and 4 * len(t) < actions + 8 for t in texts):
        raise foreign.Malformed("its masks of independence are none of this system")
    return [int(t, 16) for t in texts]
