"""explore export: the lowered system for other people's checkers."""

from __future__ import annotations

import argparse
from pathlib import Path

from explorer.cli.options import build_model, model_options, natural

ENDINGS = {"promela": ".pml", "tla": ".tla", "smtlib": ".smt2"}
EPILOG = """Promela is for Spin, TLA+ for TLC, SMT-LIB for z3 and cvc5. The file says at its top how to run it and what
its counts mean. With --out, TLA+ is two files: the module and, beside it, TLC's configuration; without, the
configuration is printed after the end of the module. For example:

  explore export --model mine.py:model --to promela"""


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser)
    parser.add_argument("--to", required=True, choices=tuple(ENDINGS), help="the language")
    parser.add_argument(
        "--property",
        metavar="NAME",
        help="this property alone (default: all that apply); TLC's configuration and the SMT-LIB questions are about it",
    )
    parser.add_argument(
        "--depth", type=natural, default=8, metavar="N", help="smtlib: how many steps to ask about (default: 8)"
    )
    parser.add_argument("--out", metavar="FILE", help="write it there instead of printing it")


def run(options: argparse.Namespace) -> int:
    from explorer.answer.checking import select
    from explorer.errors import UsageError
    from explorer.export.names import file_name
    from explorer.export.promela import promela
    from explorer.export.smtlib import smtlib
    from explorer.export.tla import configuration, tla
    from explorer.language.values import parameters_text
    from explorer.lowering import lower
    from explorer.process.quoting import identifier
    from explorer.search.reference import ASSERTIONS, DEADLOCK
    from explorer.system.wellformed import check

    model = build_model(options)
    wanted = options.property
    claims, _ = select(model, None if wanted is None else [wanted])
    system = lower(model, claims)
    check(system)
    chosen = [p.name for p in system.properties if p.name == wanted or p.name.split("[")[0] == wanted]
    if wanted in (ASSERTIONS, DEADLOCK):
        chosen = [wanted]
    elif wanted is not None and not chosen:
        raise UsageError(f"the property {wanted} does not apply to this model")
    name = file_name(model.name or "model")
    title = f"{name}({', '.join(f'{k}={v}' for k, v in parameters_text(model).items())})"
    out = None if options.out is None else Path(options.out)
    if out is not None:
        name = out.name.removesuffix(ENDINGS[options.to])
        if options.to == "tla" and (name != identifier(name) or out.suffix != ".tla"):
            raise UsageError(
                f"a TLA+ module has the name of its file: letters, digits, _ and then .tla, not {out.name!r}"
            )
    files: dict[Path | None, str]
    if options.to == "promela":
        files = {out: promela(system, title, name)}
    elif options.to == "smtlib":
        files = {out: smtlib(system, chosen, options.depth, title, name)}
    else:
        module, config = tla(system, title, name), configuration(system, chosen, title, name)
        files = {None: f"{module}\n{config}"} if out is None else {out: module, out.with_suffix(".cfg"): config}
    if options.to == "tla" and out is not None:
        ours_to_write(out.with_suffix(".cfg"))
    for path, text in files.items():
        if path is None:
            print(text, end="")
        else:
            from explorer.render.files import write_text

            print(f"wrote {write_text(path, text)}")
    return 0


def ours_to_write(path: Path) -> None:
    """Raise UsageError where TLC's configuration, which nobody named, is there and not written by this command."""
    from explorer.errors import UsageError
    from explorer.export.tla import CONFIGURATION

    if path.is_symlink() or path.exists():
        try:
            ours = CONFIGURATION in path.read_text(errors="replace").partition("\n")[0]
        except OSError:
            ours = False
        if path.is_symlink() or not ours:
            raise UsageError(
                f"{path} is there and may be yours: TLC's configuration goes beside the module; name another --out"
            )
