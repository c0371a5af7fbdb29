"""Every model and every litmus test with nothing left out, against the defaults: `python -m tests.unreduced [--minutes N]`.

A model at its defaults, with its own kernel and with each of KERNELS, is searched without any reduction; then as `explore` does
by default; with symmetry from the first state on; and as a row of `explore matrix`, where rows that agree in every rule read
are searched once. A litmus test is explored on each kernel that it expects something on by itself, and as `explore litmus` does,
once for all kernels that agree in what it reads. Every verdict and every depth, and of litmus tests every row, must be the same.

What has more than MOST states without reduction is left out, and so is what the time was not enough for; both are listed. Ends
with status 1 where something differs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.answer.result import Result

KERNELS = ("v4.19", "v5.10", "v6.8")
MOST = 300_000
LITMUS = Path(__file__).resolve().parent / "litmus"


def shown(result: Result) -> dict[str, tuple[str, int | None]]:
    """Property -> verdict and depth."""
    return {p.name: (p.verdict.value, p.depth) for p in result.properties}


class Comparison:
    """`differs`: what was not the same. `left_out`: what was not compared, and why."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.compared = 0
        self.differs: list[str] = []
        self.left_out: list[str] = []

    def equal(self, where: str, way: str, whole: Any, other: Any) -> None:
        if whole != other:
            self.differs.append(f"{where}: {way}: {other}, and without any reduction {whole}")
            print(f"DIFFERS {self.differs[-1]}", flush=True)

    # ------------------------------------------------------------ models

    def model(self, name: str) -> None:
        from explorer.answer.catalogue import load

        function = load(name)
        known: list[tuple[dict[str, Any], tuple[int, int]]] = []
        for kernel in (None, *(KERNELS if "kernel" in function.parameters else ())):
            where = name if kernel is None else f"{name} --kernel {kernel}"
            if time.monotonic() > self.until:
                self.left_out.append(f"{where}: no time")
                continue
            self.one(function, name, kernel, where, known)

    def one(self, function: Any, name: str, kernel: str | None, where: str, known: list[Any]) -> None:
        from explorer import check
        from explorer.questions import matrix

        def made() -> Any:
            return function(**({} if kernel is None else {"kernel": function.convert("kernel", kernel)}))

        whole = check(made(), reduce="none", max_states=MOST)
        if not whole.complete and not whole.error:
            self.left_out.append(f"{where}: more than {MOST:,} states")
            return
        usual, symmetric = check(made()), check(made(), reduce="symmetry")
        self.compared += 1
        self.equal(where, "by default", shown(whole), shown(usual))
        self.equal(where, "with symmetry", shown(whole), shown(symmetric))
        row = matrix.Row(name, () if kernel is None else (("kernel", kernel),))
        cells = matrix.answer(row, matrix.Question())
        said = {c.name: (c.verdict.value, c.depth) for c in cells}
        wanted = {p.name: (p.verdict.value, p.depth) for p in whole.properties if p.name in said}
        self.equal(where, "in the matrix", wanted, said)
        used = "; ".join(symmetric.reductions) and "symmetry"
        print(f"{where}  {whole.states:,}  {usual.states:,}  {symmetric.states:,}  {used}", flush=True)
        known.append((shown(whole), (whole.states, symmetric.states)))
        self.states = getattr(self, "states", 0) + whole.states
        self.fewer = getattr(self, "fewer", 0) + symmetric.states

    # ------------------------------------------------------------ litmus tests

    def litmus(self, path: Path) -> None:
        from explorer.cli.litmus import WITHOUT
        from explorer.litmus.kernels import expectations, litmus_answers
        from explorer.litmus.parse import parse_file
        from explorer.models.linux.kernels import kernel
        from explorer.models.linux.litmus import litmus_model
        from explorer.search.outcome import Resources

        program, resources = parse_file(path), Resources(threads=1)
        _, kernels = expectations(program, kernel, WITHOUT)
        if time.monotonic() > self.until:
            self.left_out.append(f"{path.name}: no time")
            return
        shared = litmus_answers(path, program, kernels, {}, litmus_model, resources=resources)
        for asked, seen in zip(kernels, shared, strict=True):
            (alone,) = litmus_answers(path, program, [asked], {}, litmus_model, resources=resources)
            self.compared += 1
            self.equal(f"{path.name} on {seen.kernel}", "beside other kernels", alone.to_json(), seen.to_json())


def everything(minutes: float, only: list[str]) -> Iterator[Comparison]:
    """The models, then the litmus tests."""
    from explorer.answer.catalogue import shipped_files

    began = time.monotonic()
    models = Comparison(began + 60 * minutes * 0.7)
    print("model  states without reduction, by default, with symmetry", flush=True)
    for name in only or sorted(shipped_files("models")):
        if not name.endswith(".litmus"):
            models.model(name)
    yield models
    tests = Comparison(began + 60 * minutes)
    for path in sorted(LITMUS.glob("*.litmus")):
        if not only or path.name in only:
            tests.litmus(path)
    yield tests


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.unreduced", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--minutes", type=float, default=15, metavar="N", help="take about so long (default: 15)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="a model or test; may be repeated")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:  # no verdict that was kept is taken
        os.environ["XDG_CACHE_HOME"] = folder
        models, tests = everything(options.minutes, options.only)
    whole, fewer = getattr(models, "states", 0), getattr(models, "fewer", 0)
    print(
        f"{models.compared} searches of models: {len(models.differs)} differ; {whole:,} states, {fewer:,} with symmetry"
    )
    print(f"{tests.compared} cells of litmus tests: {len(tests.differs)} differ")
    for line in (*models.left_out, *tests.left_out):
        print(f"left out: {line}")
    return 1 if models.differs or tests.differs else 0


if __name__ == "__main__":
    sys.exit(main())
