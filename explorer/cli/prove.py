"""explore prove: a property by induction."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path

from explorer.cli.options import build_model, model_options, need_z3
from explorer.errors import UsageError

EPILOG = """A property holds in every state if it holds at the start and no step breaks it where it, the model's
lemmas (m.lemma) and the invariants that are found hold. No search is made, so the size does not matter much.
docs/prove.md explains.
  explore prove --model rdma_fork --kernel v6.8 --property pinned_page_stays
  explore prove --any-size fork_any_size
  explore prove --any-size fork_any_size --switch write_protect_seq=off
Exit code: 0 proved, 4 not proved (which does not say that it is violated)."""


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser, required=False)
    parser.add_argument("--property", metavar="NAME", help="the property to prove, of kind always")
    parser.add_argument(
        "--any-size", metavar="NAME", help="a proof for any number of processes, pages and frames instead"
    )
    parser.add_argument(
        "--switch", action="append", default=[], metavar="NAME=on|off", help="a rule of that proof; may be repeated"
    )
    parser.add_argument(
        "--lemmas", action="store_true", help="with every action and lemma of that proof, in words and as formulas"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the answer (default: text)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="draw the step that breaks the induction, in files there"
    )


def run(options: argparse.Namespace) -> int:
    need_z3("explore prove")
    if (options.model is None) == (options.any_size is None):
        raise UsageError("explore prove takes --model NAME --property NAME, or --any-size NAME")
    if options.any_size is not None:
        return any_size(options)
    if options.property is None:
        raise UsageError("--property NAME is needed: which property to prove (`explore show MODEL` lists them)")
    if options.switch or options.lemmas:
        raise UsageError("--switch and --lemmas belong to --any-size; a model has -p NAME=VALUE and --kernel")
    from explorer.cli.meter import Meter
    from explorer.questions.obstacle import obstacle
    from explorer.questions.proving import prove
    from explorer.render.prove import text

    model = build_model(options)
    meter = Meter()
    try:
        answer, system = prove(model, options.property, meter.line if meter.on else None)
    finally:
        meter.clear()
    step = answer.breaking_step
    trace = None
    if step is not None:
        with contextlib.suppress(LookupError):  # such a state has no picture; what it holds is shown all the same
            trace = obstacle(model, system, step)
    if options.out is not None:
        if trace is None:
            raise UsageError("there is no step to draw: nothing breaks the induction in a state that z3 gave")
        from explorer.render.files import write_trace

        for path in write_trace(trace, options.out):
            print(f"wrote {path}", file=sys.stderr)
    print(json.dumps(answer.to_json(), indent=1) + "\n" if options.format == "json" else text(answer, trace), end="")
    return 0 if answer.induction.proved else 4


def any_size(options: argparse.Namespace) -> int:
    """A proof with sorts of any size."""
    from explorer.questions.any_size import prove_any_size
    from explorer.render.any_size import text

    if options.property is not None or options.parameters or options.kernel is not None or options.out is not None:
        raise UsageError("--any-size takes --switch NAME=on|off, and no --property, -p, --kernel or --out")
    switches: dict[str, bool | str] = {}
    for given in options.switch:
        name, equals, value = given.partition("=")
        if not equals:
            raise UsageError(f"--switch takes NAME=on or NAME=off, not {given!r}")
        switches[name] = value
    answer = prove_any_size(options.any_size, **switches).answer()
    also = ("actions", "definitions", "lemmas", "properties") if options.lemmas else ()
    print(json.dumps(answer.to_json(), indent=1) + "\n" if options.format == "json" else text(answer, also), end="")
    return 0 if all(p.proved for p in answer.properties) else 4
