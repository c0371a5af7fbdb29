"""Text that goes into another language stays text there, whatever its author wrote."""

from __future__ import annotations

import ast
import html
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.cli.main import main
from explorer.process import quoting

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [
    '"', "'", '"""', "'''", "\\", 'a\\"', "a\\", "\n", "a\r\nb", "\t", "\0", "\x1b[2J", "\x7f", "\x85", "\u2028", "\u202e",
    "\ud800", "😀", "é", "`", "```", "``a`", "|", "<script>alert(1)</script>", "-->", "<!--", "]]>", "&lt;",
    "&#60;", "*/", "/*", "**//",
    "(*", "*)", "\\* x", "; (assert false)", "#define x", "$(touch PWNED)", "`touch PWNED`", "; touch PWNED", "--", "-x", "{}|<>",
    "{x}", "%s", "${x}", "[a](javascript:x)", "_a_", "**b**", "", " ", "a" * 300, '\\N', "\\l", "${jndi:x}",
    '''a"""; import os; os.system("touch PWNED"); x = """b''', 'No page is "lost"', "====\nVARIABLE x",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(), st.lists(st.sampled_from(HOSTILE)).map("".join))


def shown_only(text: str) -> bool:
    """Nothing in it that a terminal obeys, but line ends and tabs."""
    return not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text if c not in "\n\t")


@given(TEXTS)
def test_python(text: str) -> None:
    literal = quoting.python_string(text)
    assert ast.literal_eval(literal) == text and "\n" not in literal and shown_only(literal)
    source = f"def {'test_' + quoting.python_name(text)}() -> None:\n    {quoting.python_docstring(text)}\n"
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef) and len(function.body) == 1
    assert ast.get_docstring(function, clean=False) == text


def test_shell() -> None:
    words = [t for t in HOSTILE if "\0" not in t and "\ud800" not in t]
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("no bash")
    command = quoting.shell_command(["printf", "%s\\0", *words])
    assert shown_only(command) and "\n" not in command
    done = subprocess.run([shell, "-c", command], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == words


@given(TEXTS)
def test_html(text: str) -> None:
    made = quoting.html_text(text)
    found: list[str] = []

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(tag)

        def handle_comment(self, data: str) -> None:
            found.append(data)

    parser = Parser()
    parser.feed(f'<p title="{made}">{made}</p>')
    assert found == ["p"] and html.unescape(made) == quoting.lines(text) and shown_only(made)
    xml.etree.ElementTree.fromstring(f'<p title="{made}">{made}</p>')


@given(TEXTS)
def test_markdown(text: str) -> None:
    code = quoting.markdown_code(text, table=True)
    fence = re.match("`+", code)
    assert fence is not None and code.count(fence[0]) >= 2 and "\n" not in code and not re.search(r"(?<!\\)\|", code)
    inside = code[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inside)
    plain = quoting.markdown_plain(text)
    assert "\n" not in plain and not re.search(r"(?<!\\)(\\\\)*[`<|\[*&]", plain)
    first, *body, last = quoting.markdown_block(text, "sh")
    assert last == first.removesuffix("sh") and last not in [run for line in body for run in re.findall("`+", line)]


@given(TEXTS)
def test_comments_and_names(text: str) -> None:
    """In comments of C, of TLA+ and of SMT-LIB, by line or in brackets."""
    made = quoting.comment(text)
    assert not any(sign in made for sign in ("*/", "/*", "(*", "*)", "\\")) and made.isascii() and made.isprintable()
    assert re.fullmatch("[A-Za-z][A-Za-z0-9_]*", quoting.identifier(text))


@given(TEXTS)
def test_dot(text: str) -> None:
    name = quoting.dot_name(text)
    assert re.fullmatch(r'"([^"\\]|\\.)*"', name) and shown_only(name)
    label = quoting.dot_field(text)
    assert not re.search(r"(?<!\\)(\\\\)*[{}|<>\"]", label)


def test_dot_is_drawn_as_the_text() -> None:
    """By Graphviz itself: one text for each, and no element that is not of the drawing."""
    from explorer.errors import UsageError
    from explorer.render.svg import svg

    nodes = "".join(f"  {i} [label={quoting.dot_name('x' + t)}];\n" for i, t in enumerate(HOSTILE))
    try:
        drawn = svg(f"digraph {quoting.dot_name(HOSTILE[2])} {{\n{nodes}}}\n")
    except UsageError as e:
        pytest.skip(str(e))
    root = xml.etree.ElementTree.fromstring(drawn)
    texts = ["".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [t.replace("\xa0", " ") for t in texts] == [("x" + quoting.clean(t)).replace("\xa0", " ") for t in HOSTILE]
    assert "script" not in {e.tag.rpartition("}")[2] for e in root.iter()}


# ---------------------------------------------------------------- every output of a hostile model

MODEL = """
from explorer import Model, Part, Range, always, eventually, step, var
TEXT = {text!r}
class P(Part):
    def __init__(self, m: Model, name: str) -> None:
        super().__init__(m, name)
        self.x = var(Range(0, 2), 0)
@always
def small(p: P) -> bool:
    {doc}
    return p.x < 1
small.function.__doc__ = TEXT
def model(*, b: str = "") -> Model:
    m = Model()
    parts = [P(m, "a"), P(m, "b")]
    @m.thread("t" + "".join(c for c in TEXT if c not in "/*()[]:," and c.isprintable()).strip())
    async def t() -> None:
        await step("s" + TEXT)
        for p in parts:
            p.x = 1
    m.require(small)
    return m
"""
TEXT = "".join(t for t in HOSTILE if t not in ("\ud800", "a" * 300))


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with the model, in which one is."""
    made = tmp_path / 'it\'s a "folder" `x`'
    made.mkdir()
    (made / "mine.py").write_text(MODEL.format(text=TEXT, doc="..."))
    monkeypatch.chdir(made)
    return made


def said(capsys: pytest.CaptureFixture[str], *words: str, codes: tuple[int, ...] = (0, 1)) -> str:
    code = main([*words, "--model", "mine.py:model"])
    found = capsys.readouterr()
    assert code in codes and "Traceback" not in found.err, found.err
    return found.out


def test_text_of_a_hostile_model(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing that a terminal obeys."""
    for verb in ("run", "dump", "show"):
        words = [verb] if verb != "show" else None
        if words is None:
            assert main(["show", "mine.py:model"]) == 0
            out = capsys.readouterr().out
        else:
            out = said(capsys, *words)
        assert shown_only(out), verb


def test_data_of_a_hostile_model(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = json.loads(said(capsys, "run", "--format", "json"))
    assert [p["verdict"] for p in whole["properties"][:2]] == ["violated", "violated"]
    said(capsys, "run", "--out", "out", "--quiet")
    written = sorted(Path("out").iterdir())
    assert {p.suffix for p in written} >= {".json", ".dot"} and all(
        p.resolve().parent == hostile / "out" for p in written
    )
    for path in written:
        if path.suffix == ".svg":
            tags = {e.tag.rpartition("}")[2] for e in xml.etree.ElementTree.parse(path).iter()}
            assert "script" not in tags
    xml.etree.ElementTree.fromstring(said(capsys, "graph", "--format", "graphml"))
    assert shown_only(said(capsys, "graph", "--format", "dot"))


def test_exports_of_a_hostile_model(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = {to: said(capsys, "export", "--to", to) for to in ("promela", "tla", "smtlib")}
    for to, out in texts.items():
        assert out.isascii() and shown_only(out), to
    code = re.sub(r"/\*.*?\*/", "", texts["promela"], flags=re.S)
    assert "touch" not in code.replace("touch_PWNED", "") and "*/" not in code
    code = re.sub(r"\(\*.*?\*\)", "", re.sub(r"\\\*.*", "", texts["tla"]), flags=re.S)
    assert "(*" not in code and "*)" not in code and len(re.findall("^====", code, re.M)) == 1
    z3 = pytest.importorskip("z3", reason="z3 can't be imported")
    z3.Solver(ctx=z3.Context()).from_string(texts["smtlib"])


def test_a_generated_test_runs_anywhere(hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is Python, runs no docstring, and finds its model from another folder."""
    made = said(capsys, "run", "--format", "pytest", "-p", 'b=\'"""')
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "test_made.py").write_text(made)
    tree = ast.parse(made)
    names = [f.name for f in tree.body if isinstance(f, ast.FunctionDef)]
    assert len(names) == len(set(names)) == 2
    assert all(ast.get_docstring(f, clean=False) for f in tree.body if isinstance(f, ast.FunctionDef))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_made.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "2 failed" in done.stdout and "assert 'small[a]' not in" in done.stdout, done.stdout
    (hostile / "mine.py").write_text((hostile / "mine.py").read_text().replace("p.x = 1", "p.x = 0"))
    done = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True)
    assert "2 passed" in done.stdout, done.stdout
    assert not list(tmp_path.rglob("PWNED*"))


# ---------------------------------------------------------------- nothing is written past these functions

ESCAPES = ("html.escape", "shlex.quote", "shlex.join", "saxutils", 'replace("&"', "json.dumps(model", "json.dumps(name")


def test_nobody_else_escapes() -> None:
    for path in (ROOT / "explorer").rglob("*.py"):
        if path.name != "quoting.py":
            text = path.read_text()
            assert not [e for e in ESCAPES if e in text], path


# ---------------------------------------------------------------- judges of mutants


def texts_stay_text() -> None:
    for text in HOSTILE:
        for check in (test_python, test_html, test_markdown, test_comments_and_names, test_dot):
            try:
                check.hypothesis.inner_test(text)  # type: ignore[attr-defined]
            except (SyntaxError, xml.etree.ElementTree.ParseError) as e:
                raise AssertionError(f"{text!r} is read as something else: {e}") from e


def names_of_tests_differ() -> None:
    from explorer.render.pytest_file import test_name

    taken: set[str] = set()
    names = [test_name(name, taken) for name in ("small[a]", "small(a)", "small", "small_a", "é", "")]
    assert len(set(names)) == len(names) and all(n.isidentifier() and n.isascii() for n in names)


def test_names_of_tests_differ() -> None:
    names_of_tests_differ()


def shell_words_are_words() -> None:
    with tempfile.TemporaryDirectory():
        test_shell()
