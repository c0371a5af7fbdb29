"""The documents run: each block of code is executed, each command prints what is shown. UPDATE_DOCS=1 writes it anew.

An HTML comment before a block, which a reader does not see, says what the block is:

    <!-- file: NAME -->               the block is the file NAME
    <!-- append: NAME -->             it stands at the end of NAME
    <!-- append in NAME: CLASS -->    it stands at the end of that class
    <!-- replace in NAME: FUNCTION --> it replaces that function
    <!-- in a thread -->              a fragment: code of a thread of the file that the document shows first; also
                                      `in Memory.__init__`, `in Memory`, `in the model`, `at the top`
    <!-- keep: A..B; C -->            of the output below it the lines from one that matches A to the next that matches
                                      B, and those that match C; what is left out shows as ...

A table after `<!-- runs -->` holds commands and the verdict on the property that each asks for.

A ```console block holds commands after "$ " and their output. A table after `<!-- refused PLACE -->` holds fragments and
what the tool says about each.
"""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

from explorer import ExplorerError, check, load
from explorer.cli.main import main
from explorer.errors import UsageError
from explorer.language.properties import PropertyFunction
from explorer.language.values import parameters_text
from explorer.lowering.model import Lowering
from explorer.system import dump
from explorer.system.expressions import rebuild
from explorer.system.form import OPERATORS, Apply, Cell, Constant, Domain, Read, System
from explorer.system.semantics import OPERATIONS, evaluate

ROOT = Path(__file__).resolve().parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEST_FILES = [f for f in sorted((ROOT / "tests").glob("*/test_*.py")) if f.parent.name != "models"]  # those are models
TESTS = {f.name: f for f in TEST_FILES}  # documents call them so
UPDATE = bool(os.environ.get("UPDATE_DOCS"))
HOME = "/home/you"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMMENT = re.compile(r"<!-- (.*) -->")
PLACES = ("in a thread", "in the model", "at the top", "in Memory.__init__", "in Memory")


@dataclass
class Block:
    """A fenced block: its language, its text, where the text stands in the document, and the comments before it."""

    language: str
    text: str
    start: int
    end: int
    comments: list[str]
    line: int


def blocks(text: str) -> Iterator[Block]:
    for match in FENCE.finditer(text):
        before = text[: match.start()].splitlines()
        comments: list[str] = []
        while before and (found := COMMENT.fullmatch(before[-len(comments) - 1])):
            comments.append(found.group(1))
        yield Block(match.group(1), match.group(2), match.start(2), match.end(2), comments, len(before) + 1)


class Shell:
    """Runs the commands of one document in a folder of its own, where `explore` is this checkout's."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.status = folder, 0
        folder.mkdir()
        tools = folder.parent / "bin"
        tools.mkdir()
        for name, module in (("explore", " -m explorer"), ("python", "")):
            (tools / name).write_text(f'#!/bin/sh\nexec {sys.executable}{module} "$@"\n')
            (tools / name).chmod(0o755)
        self.env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "COLUMNS": "100"}

    def run(self, command: str) -> str:
        """What the command prints, its times and the version of z3 made equal."""
        if command == "echo $?":
            return f"{self.status}\n"
        shipped = re.fullmatch(r"explore (--model [a-z_]+ [^|]*)(?:\| grep (\w+))?", command)
        if shipped and "--checkpoint" not in command and "--out" not in command:
            text = self.inside(shipped.group(1))
            text = "\n".join(line for line in text.split("\n") if (shipped.group(2) or "") in line)
        else:
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=self.folder,
                env=self.env,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=120,
            )
            text, self.status = done.stdout, done.returncode
        text = "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n"))
        text = text.replace(str(self.folder), HOME)
        text = re.sub(r"\b\d+\.\d s$", "0.1 s", text, flags=re.M)
        text = re.sub(r"\bin \d+\.\d+s$", "in 0.10s", text, flags=re.M)
        text = re.sub(r"\bz3 \d+(\.\d+)+", "z3 5.4.1", text)
        text = re.sub(r'"seconds": [\d.]+', '"seconds": 0.1', text)
        assert "Traceback" not in text, f"{command}\n{text}"
        return f"{text}\n" if text else ""

    def inside(self, options: str) -> str:
        """A command on a shipped model, in this process: it saves the time to start one."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            self.status = main(shlex.split(options))
        return out.getvalue()


def kept(text: str, rule: str) -> str:
    """The lines that a `keep:` comment asks for, with ... where some are left out."""
    lines = text.splitlines()
    wanted = [False] * len(lines)
    for piece in rule.split(";"):
        first, _, last = piece.strip().partition("..")
        inside = False
        for i, line in enumerate(lines):
            if not inside and re.search(first, line):
                wanted[i] = True
                inside = bool(last) and not re.search(last, line)
            elif inside:
                wanted[i] = True
                inside = not re.search(last, line)
    assert any(wanted), f"nothing matches {rule!r} in:\n{text}"
    out: list[str] = []
    for line, keep in zip(lines, wanted, strict=True):
        if keep:
            out.append(line)
        elif not out or out[-1] != "...":
            out.append("...")
    while out and out[-1] == "":
        out.pop()
    return "\n".join(out) + "\n"


def console(block: Block, shell: Shell) -> str:
    """The block as it is now: its commands with what they print."""
    rules = [c.removeprefix("keep: ") for c in block.comments if c.startswith("keep: ")]
    out = []
    for command in re.findall(r"^\$ ((?:.*\\\n)*.*)$", block.text, re.M):
        printed = shell.run(command.replace("\\\n", " "))
        if rules and command != "echo $?":
            printed = kept(printed, rules[0])
        out.append(f"$ {command}\n{printed}")
    return "".join(out)


def write(block: Block, folder: Path) -> Path | None:
    """Do what a `file:`, `append:` or `replace in` comment says, and return the file; None where there is none."""
    for comment in block.comments:
        verb, _, name = comment.partition(": ")
        path = folder / name
        if verb == "file":
            path.write_text(block.text)
        elif verb == "append":
            path.write_text(path.read_text() + "\n\n" + block.text)
        elif found := re.fullmatch(r"(append|replace) in (.*)", verb):
            path = folder / found.group(2)
            path.write_text(changed(path.read_text(), found.group(1), name, block.text))
        else:
            continue
        return path
    return None


def changed(source: str, verb: str, name: str, text: str) -> str:
    """The source with a function or class replaced by the text, or with the text appended to a class, indented."""
    found = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name
    ]
    assert len(found) == 1, f"{name} is defined {len(found)} times"
    node = found[0]
    lines = source.splitlines(keepends=True)
    if verb == "append":
        inner = textwrap.indent(re.sub("\n{3,}", "\n\n", text), " " * (node.col_offset + 4))
        return "".join([*lines[: node.end_lineno], "\n", inner, *lines[node.end_lineno :]])
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return "".join([*lines[: first - 1], textwrap.indent(text, " " * node.col_offset), *lines[node.end_lineno :]])


# ---------------------------------------------------------------- fragments


def called(part: str, node: Routine) -> str:
    """A thread for all values of its parameters that calls a method of a part."""
    given = [(a.arg, ast.unparse(a.annotation)) for a in node.args.args[1:] if a.annotation]
    values = "".join(f", {name}={sort}" for name, sort in given)
    parameters, names = ", ".join(map(": ".join, given)), ", ".join(name for name, _ in given)
    call = f"{part}.{node.name}({names})\n"
    body = f"await {call}" if isinstance(node, ast.AsyncFunctionDef) else f'await step("{node.name}")\n    _ = {call}'
    return f'\n@m.thread("{node.name}"{values})\nasync def {node.name}({parameters}) -> None:\n    {body}'


def inserted(source: str, place: str, text: str, used: bool = False) -> str:
    """The document's first file with a fragment at its place. `used`: a thread runs its routines, and state holds its records."""
    if used:
        for node in ast.parse(text).body:
            if place == "in Memory" and isinstance(node, Routine):
                source = inserted(source, "in the model", called("memory", node))
            elif place == "at the top" and isinstance(node, ast.ClassDef):
                if "Part" in map(ast.unparse, node.bases):
                    uses = "".join(
                        called("shown", n) for n in node.body if isinstance(n, Routine) and n.name != "__init__"
                    )
                    source = inserted(source, "in the model", f"shown = {node.name}(m)\n{uses}")
                elif "record" in map(ast.unparse, node.decorator_list):
                    state = f"self.any_{node.name} = var(optional({node.name}), None)\n"
                    source = inserted(source, "in Memory.__init__", state)
    tree = ast.parse(source)
    lines = source.splitlines(keepends=True)

    def after(node: ast.AST, indent: int, code: str) -> str:
        end = getattr(node, "end_lineno", 0)
        return "".join([*lines[:end], textwrap.indent(code, " " * indent), *lines[end:]])

    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    if place == "at the top":
        return "".join([*lines[: functions[-1].lineno - 1], text, "\n\n", *lines[functions[-1].lineno - 1 :]])
    if place == "in Memory":
        return after(classes["Memory"], 4, "\n" + text)
    if place == "in Memory.__init__":
        start = next(n for n in classes["Memory"].body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
        return after(start, 8, text)
    last = functions[-1].body[-2]  # before the model function's return
    if place == "in the model":
        return after(last, 4, text)
    body = text if "await step(" in text else 'await step("go")\n' + text
    return after(last, 4, '\n@m.thread("extra")\nasync def extra() -> None:\n' + textwrap.indent(body, "    "))


def run_fragment(path: Path, source: str) -> None:
    """Load, build and explore the model of a file a few steps deep. Raises what the tool says about it."""
    path.write_text(source)
    names = [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    result = check(load(f"{path}:{names[-1]}")(), depth=4)
    if result.error:
        raise ExplorerError(re.sub(r" \(\S+:\d+\)$", "", result.error))


class Shown:
    """What the Python of a document defines, and whether a run has used it: lowered it, or let Python execute it.

    Every property is applied, whether the model that stands beside it requires it or not.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = 0
        self.unused: dict[tuple[str, str], str] = {}  # name and text of a routine or property -> where it is shown
        self.used: set[tuple[str, str]] = set()

    def use(self, name: str, source: str, where: str) -> None:
        """Build each model of a file, and explore it a few steps deep with all properties of the file."""
        defined = list(definitions(ast.parse(source).body))
        models = [q for q, node in defined if isinstance(node, ast.FunctionDef) and returned(node) == "Model"]
        if not models:
            return  # a test: it is run
        self.files += 1
        path = self.folder / f"shown_{self.files}" / name
        path.parent.mkdir()
        path.write_text(source)
        found: set[str] = set()
        for model_name in models:
            with executed(path, found):
                build = load(f"{path}:{model_name}")
                model = build()
                for parameter, given in parameters_text(model).items():  # as the command line reads and shows them
                    with contextlib.suppress(UsageError):  # it takes no text
                        build.convert(parameter, given)
            claims = list(model.properties)
            for value in build.function.__globals__.values():
                if isinstance(value, PropertyFunction) and value.function.__code__.co_filename == str(path):
                    claims += value.applications(list(model.parts.values()))
            claims = list({claim.name: claim for claim in claims}.values())
            lowering = Lowering(model)
            lowering.system(claims)
            for code in lowering.world.codes.values():
                if code.source.file == str(path):
                    found.add(code.source.function.__code__.co_qualname)
            result = check(model, depth=4, properties=[*claims, "assertions", "deadlock_freedom"])
            if result.error:
                raise ExplorerError(re.sub(r" \(\S+:\d+\)$", "", result.error))
        for qualified, node in defined:
            key = (qualified, ast.unparse(node))
            if qualified in found:
                self.used.add(key)
            self.unused.setdefault(key, where)

    def complain(self) -> list[str]:
        """What is shown and no run uses."""
        return [f"{where}: {name} is shown and never used" for (name, text), where in self.unused.items()
                if (name, text) not in self.used]  # fmt: skip


Routine = ast.FunctionDef | ast.AsyncFunctionDef


def definitions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Routine]]:
    """Every routine and its qualified name."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from definitions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, Routine):
            yield prefix + node.name, node
            yield from definitions(node.body, f"{prefix}{node.name}.<locals>.")


def returned(node: Routine) -> str:
    return "" if node.returns is None else ast.unparse(node.returns)


@contextlib.contextmanager
def executed(path: Path, into: set[str]) -> Iterator[None]:
    """Inside, the qualified names of the file's routines that Python calls are put into the set."""

    def note(frame: FrameType, event: str, arg: object) -> None:
        if event == "call" and frame.f_code.co_filename == str(path):
            into.add(frame.f_code.co_qualname)

    previous = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(previous)


def said(path: Path, source: str) -> str:
    """The message about a fragment, without its place."""
    try:
        run_fragment(path, source)
    except ExplorerError as e:
        return e.message
    return "(nothing)"


def table(text: str, folder: Path, source: str) -> str:
    """The document with the messages of its tables of refused constructs as they are now."""
    out: list[str] = []
    place = ""
    for number, line in enumerate(text.split("\n")):
        marker = re.fullmatch(r"<!-- refused (.*) -->", line)
        row = re.fullmatch(r"\| (`.*`) \|.*\|", line)
        if marker:
            place = marker.group(1)
            assert place in PLACES, place
        elif not line.startswith("|"):
            place = ""
        elif place and row:
            code = "\n".join(re.findall(r"`([^`]+)`", row.group(1))) + "\n"  # a line of code in each code span
            message = said(folder / f"refused_{number}.py", inserted(source, place, code))
            line = f"| {row.group(1)} | {message.replace('|', chr(92) + '|')} |"
        out.append(line)
    return "\n".join(out)


def verdicts(text: str, shell: Shell) -> str:
    """The document with the last column of its tables of runs as it is now."""
    out: list[str] = []
    inside = False
    for line in text.split("\n"):
        inside = line == "<!-- runs -->" or inside and line.startswith("|")
        row = re.fullmatch(r"(\| .* \| `(explore .* --property (\w+))` \|).*\|", line)
        if inside and row:
            [found] = re.findall(rf"^  {row.group(3)} +(.*)$", shell.run(f"{row.group(2)} --quiet"), re.M)
            line = f"{row.group(1)} `{row.group(3)}` {found} |"
        out.append(line)
    return "\n".join(out)


# ---------------------------------------------------------------- the tests


@pytest.mark.parametrize("path", DOCS, ids=lambda p: str(p.relative_to(ROOT)))
def test_document(path: Path, tmp_path: Path) -> None:
    """Every block of the document does what it says."""
    text = path.read_text()
    shell = Shell(tmp_path / "demo")
    shown = Shown(tmp_path)
    wrong: list[str] = []
    new, first, shift = text, "", 0
    for number, block in enumerate(blocks(text)):
        if block.language == "litmus":
            assert write(block, shell.folder) is not None, f"{path.name}:{block.line}: a litmus test is a file"
        elif block.language == "python":
            where = f"{path.name}:{block.line}"
            if (file := write(block, shell.folder)) is not None:
                first = first or block.text
                shown.use(file.name, file.read_text(), where)
                continue
            place = next((c for c in block.comments if c in PLACES), None)
            assert place is not None, f"{path.name}:{block.line}: {block.comments}"
            try:
                shown.use(f"fragment_{number}.py", inserted(first, place, block.text, used=True), where)
            except ExplorerError as e:
                raise AssertionError(f"{where}: {e}") from e
        elif block.language == "console":
            now = console(block, shell)
            if now != block.text:
                wrong.append(f"{path.name}:{block.line}:\n{now}")
                new = new[: block.start + shift] + now + new[block.end + shift :]
                shift += len(now) - len(block.text)
    wrong += shown.complain()
    if "<!-- runs -->" in text:
        now = verdicts(new, shell)
        wrong += [f"{path.name}: {b}" for a, b in zip(new.split("\n"), now.split("\n"), strict=True) if a != b]
        new = now
    if "<!-- refused" in text:
        told = table(new, tmp_path, first)
        wrong += [f"{path.name}: {b}" for a, b in zip(new.split("\n"), told.split("\n"), strict=True) if a != b]
        new = told
    if UPDATE:
        path.write_text(new)
    else:
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", DOCS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links(path: Path) -> None:
    """Every relative link leads to a file, and every link to a heading to one that is there."""
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if "://" in link:
            continue
        file, _, heading = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{path.name}: {link}"
        if heading:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.M)
            known = [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings]
            assert heading in known, f"{path.name}: {link}"


@pytest.mark.parametrize("path", DOCS, ids=lambda p: str(p.relative_to(ROOT)))
def test_named_files(path: Path) -> None:
    """Every file, folder and test of the checkout that a document names is there."""
    text = path.read_text()
    for name in re.findall(r"`((?:docs|explorer|models|properties|tests)/[\w/.]*)`", text):
        if "NAME" in name:  # stands for any
            continue
        assert (ROOT / name).exists(), f"{path.name}: {name}"
    for file, test in re.findall(r"`(?:tests/)?(?:\w+/)?(test_\w+\.py)::(test_\w+)`", text):
        assert f"def {test}(" in TESTS[file].read_text(), f"{path.name}: {file}::{test}"


def test_map_of_the_code() -> None:
    """architecture.md has a word about every module, and about none that is not there."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    named = set(re.findall(r"`([\w/.]+\.py)`", text))
    named -= set(TESTS)
    missing = [n for n in sorted(named) if not any((ROOT / base / n).exists() for base in ("", "explorer", "tests"))]
    assert not missing, missing
    modules = {
        str(f.relative_to(ROOT / "explorer"))
        for f in (ROOT / "explorer").rglob("*.py")
        if f.stem != "__init__" or f.parent == ROOT / "explorer"
    }
    assert not {m for m in modules if not m.startswith(("models/", "properties/"))} - named


def test_map_of_the_tests() -> None:
    """tests/README.md has a word about every file of tests, and about none that is not there; no two are called the same."""
    folder = ROOT / "tests"
    text = (folder / "README.md").read_text()
    named = set(re.findall(r"`([\w/]+\.py)`", text)) | {
        f"{n.replace('.', '/')}.py" for n in re.findall(r"-m tests\.([\w.]+)", text)
    }
    commands = {f.name for f in folder.glob("*.py") if not f.name.startswith("__") and f.name != "conftest.py"}
    shared = {str(f.relative_to(folder)) for f in (folder / "support").glob("*.py") if f.name != "__init__.py"}
    assert len(TESTS) == len(TEST_FILES)
    tests = {str(f.relative_to(folder)) for f in TEST_FILES}
    assert not (commands | shared | tests | {"conftest.py"}) - named
    rooms = {f.name for f in folder.iterdir() if f.is_dir() and f.name != "__pycache__"}
    rooms -= {f.name for f in (ROOT / "explorer").iterdir() if f.name != "models"}  # those mean other models here
    assert not rooms - set(re.findall(r"`(\w+)/`", text))
    assert not [
        n for n in named if not (folder / n).exists() and not (folder / n.removesuffix(".py") / "__main__.py").exists()
    ]


def test_tutorial_is_typed(tmp_path: Path) -> None:
    """The tutorial's model, as its reader has it at the end, passes mypy --strict."""
    for block in blocks((ROOT / "docs" / "tutorial.md").read_text()):
        if block.language == "python":
            write(block, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *map(str, sorted(tmp_path.glob("*.py")))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_every_operator_is_complete() -> None:
    """What architecture.md says of a new operator: it is evaluated, folded alike, rebuilt and shown."""
    assert set(OPERATIONS) == set(OPERATORS)
    cells = (Cell("i", Domain("range", -3, 3), (0,)), Cell("b", Domain("bool", 0, 1), (0,)))
    system = System("operators", cells, (), ())
    for name, (types, result) in OPERATORS.items():
        wanted = types[:1] * 3 if types[-1] == "*" else types
        reads = tuple(Read(1, "bool") if t == "bool" else Read(0, "int") for t in wanted)
        assert name == "int" or dump.show(system, Apply(name, reads)) != "", name
        for values in itertools.product(*([False, True] if t == "bool" else [-2, 0, 3] for t in wanted)):
            given = tuple(map(Constant, values))
            folded = rebuild(name, given)
            assert isinstance(folded, Constant), f"{name} of constants is not folded"
            assert type(folded.value).__name__ == result
            assert folded.value == evaluate(Apply(name, given), ()), f"{name}{values}"


def test_what_is_not_modelled_is_not_shipped() -> None:
    """A sentence that says that something is not modelled names nothing that a model or an operation of litmus tests has."""
    from explorer.answer.catalogue import shipped_files
    from explorer.litmus.words import OPERATIONS

    weak = {
        "and",
        "the",
        "that",
        "with",
        "reads",
        "reading",
        "read",
        "writes",
        "map",
        "get",
        "put",
        "process",
        "exit",
        "wait",
    }
    names = [*shipped_files("models"), *OPERATIONS]
    known = {word for name in names for word in (name, *name.split("_")) if len(word) > 2} - weak | {
        "userfaultfd",
        "files",
    }
    said = 0
    for path in DOCS:
        for sentence in re.findall(r"[Nn]ot modelled(?: yet)?:\s([^.]*)\.", path.read_text()):
            said += 1
            words = set(re.findall(r"[a-z_]+", sentence.lower())) - weak
            assert not words & known, f"{path.name} says that it is not modelled: {sorted(words & known)}"
    assert said
