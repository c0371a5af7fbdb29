"""The command line: `explore VERB ...`. Each verb is one file beside this one, read only when it is called."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

from explorer.cli.output import guarded_streams
from explorer.process import stop

VERBS = {
    "run": "explore a model and say which properties hold (the default verb)",
    "list": "the models, the properties, the kernels and their rules",
    "show": "what a model stands for, its parameters and properties; or what a property says",
    "diff": "the rules that changed between two kernels, and which verdicts on a model",
    "litmus": "small programs over the kernel parts: which end states are possible on which kernel",
    "resume": "go on with a search that was stopped",
    "replay": "run the schedule that a counterexample printed, and show it",
    "matrix": "models by designs or kernels by properties: which design keeps which promise",
    "family": "many settings of a model's rules in one search, each with its verdicts",
    "repair": "which changes of rules make a property hold, with the commits that made them and what they cost",
    "necessity": "take out each guard, lock, decision and statement of a model, and say which of them it needs",
    "analyze": "what z3 proves of a model before any search: what never happens, what commutes, what is symmetric",
    "prove": "a property by induction, where no search can end: of one size, or of any",
    "graph": "the state graph as DOT, SVG or GraphML, folded by chosen variables",
    "dump": "what the tool made of a model: every variable and every atomic action, with its source line",
    "export": "the model for other tools: Promela for Spin, TLA+ for TLC, SMT-LIB for z3 and cvc5",
}
CODES = (
    (71, "the system is at fault: no memory, no room, or output that can't be written"),
    (2, "wrong usage"),
    (3, "the model is in error"),
    (1, "a property is violated"),
    (130, "interrupted; by SIGTERM 143, by SIGHUP 129, by a reader of its output that went away 141"),
    (5, "explored completely, but something that should be reachable is not"),
    (4, "nothing violated, but a bound was reached"),
    (0, "explored completely, and everything holds"),
)
VERSION = "0.1.0"
SYSTEM = 71  # the exit code where the system, and nobody's work, is at fault (EX_OSERR)
ENDED = {"seconds": "stopped by --max-seconds"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (the overview lists them).

    Without `argv`, that of the process: then signals, and streams that can't be written, are its own, too.
    """
    if argv is not None:
        with stop.listening():
            return stop.code(command(list(argv)))
    with guarded_streams() as out, stop.listening(process=True):
        try:
            code = stop.code(command(sys.argv[1:]))
        except SystemExit as e:  # of argparse
            code = e.code if isinstance(e.code, int) else 0
        out.flush()
        if out.failed:
            print(f"explore: standard output can't be written: {out.failed}", file=sys.stderr)
            code = SYSTEM
    if stop.told.left:  # a library still works, and must not be waited for
        os._exit(code)
    return code


def command(words: list[str]) -> int:
    """Do what the words say."""
    if words and words[0] == "--version":
        print(f"explore {VERSION}")
        return 0
    if not words or words[0] in ("-h", "--help"):
        print(overview(), file=sys.stdout if words else sys.stderr)
        return 0 if words else 2
    if words[0].startswith("-"):
        words.insert(0, "run")
    verb = words.pop(0)
    from explorer.errors import ExplorerError
    from explorer.process.quoting import lines

    tell_notices()
    try:
        if verb not in VERBS:
            from explorer.errors import UsageError, did_you_mean

            raise UsageError(f"there is no command {verb!r}{did_you_mean(verb, VERBS, listed=True)}")
        module = importlib.import_module(f"explorer.cli.{verb}")
        parser = Parser(
            prog=f"explore {verb}",
            description=sentence(VERBS[verb]),
            epilog=module.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        module.arguments(parser)
        with contextlib.redirect_stdout(Shown(sys.stdout)):
            code = int(module.run(parser.parse(words)))
        stop.caught()
        return code
    except ExplorerError as e:
        if e.exit_code == 70:
            return fault(e)
        print(f"explore: {lines(str(e))}", file=sys.stderr)
        return e.exit_code
    except KeyboardInterrupt:
        stop.caught()
        if stop.told.number != signal.SIGPIPE:
            print("explore: interrupted", file=sys.stderr)
        return 130
    except stop.Interrupted as e:
        print(f"explore: {ENDED.get(e.reason, e.reason)} before there was anything to say", file=sys.stderr)
        return 4
    except RecursionError:
        print("explore: an expression of the model is nested too deeply", file=sys.stderr)
        return 3
    except Exception as e:
        from explorer.errors import of_the_system

        lacking = of_the_system(e)
        if not lacking:
            return fault(e)  # ours: say so, with what a report needs
        print(f"explore: the system does not give what this needs: {lacking}", file=sys.stderr)
        return SYSTEM


class Shown:
    """Standard output, of which nothing is a command to the terminal: names and labels are what a model's author wrote."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def write(self, text: str) -> int:
        from explorer.process.quoting import lines

        return self.out.write(lines(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.out, name)


class Parser(argparse.ArgumentParser):
    """Complains in one line, as the other errors do."""

    def parse(self, words: list[str]) -> argparse.Namespace:
        """As parse_args, but an unknown option is named before a missing one, with the nearest."""
        from explorer.errors import did_you_mean

        known = [name for action in self._actions for name in action.option_strings]
        for word in words:
            name = word.partition("=")[0]
            if name.startswith("--") and name != "--" and name not in known:
                self.error(f"there is no option {name}{did_you_mean(name, known)}")
        return self.parse_args(words)

    def error(self, message: str) -> NoReturn:
        print(f"explore: {message} (`{self.prog} --help` lists the options)", file=sys.stderr)
        raise SystemExit(2)


def tell_notices() -> None:
    """What the library warns the user of is told as the command line tells things."""
    import warnings

    from explorer.errors import Notice

    usual = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, Notice):
            print(f"explore: {message}", file=sys.stderr)
        else:
            usual(message, category, filename, lineno, file, line)

    if usual.__module__ != __name__:  # in one process it may be called again
        warnings.showwarning = show


def fault(error: BaseException) -> int:
    """Tell the user that the fault is the tool's, and what to send."""
    import traceback

    print(
        "explore: this is a fault of the tool, not of your model. Please report it with the command you ran and",
        file=sys.stderr,
    )
    print("the text below; no result was produced.", file=sys.stderr)
    traceback.print_exception(error, file=sys.stderr)
    return 70


def sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def overview() -> str:
    lines = [
        "usage: explore [VERB] --model NAME|FILE.py:FUNCTION [options]",
        "",
        "Explores every interleaving of a model of Linux memory management and shows the shortest run that breaks a property.",
        "",
        "verbs:",
        *(f"  {name:9} {text}" for name, text in VERBS.items()),
        "",
        "`explore VERB --help` lists a verb's options. To begin with:",
        "  explore --model rdma_fork --kernel v4.19",
        "  explore show rdma_fork",
        "",
        "exit codes of a run, the first that applies:",
        *(f"  {code:3}  {text}" for code, text in CODES),
    ]
    return "\n".join(lines)
