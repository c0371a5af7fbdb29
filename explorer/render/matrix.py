"""The matrix as text, Markdown and HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explorer.answer.matrix import Cell, CellTrace
from explorer.answer.result import Verdict
from explorer.process.quoting import html_text, markdown_block, markdown_code, markdown_plain
from explorer.render.plain import WIDTH, paragraph

ABOUT = "order-0 pages only"
LEGEND = (
    ("holds", "in every reachable state"),
    ("X N", "violated; the shortest counterexample has N steps, with its loop if it goes on for ever"),
    ("to N", "holds to depth N: a bound was reached"),
    ("?", "undecided: a bound was reached"),
    ("-", "not applicable"),
)


@dataclass(frozen=True)
class Line:
    """A row of a table: what tells it from the others, its cells by property, and states as text; or why it has none."""

    names: tuple[str, ...]
    cells: dict[str, Cell]
    states: str
    reason: str
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[0] if len(self.names) == 1 else f"{self.names[0]} .. {self.names[-1]}"


@dataclass(frozen=True)
class Table:
    """The rows of one model; `fixed`: the parameters that all of them share."""

    model: str
    properties: tuple[str, ...]
    lines: tuple[Line, ...]
    fixed: dict[str, str]


def tables(cells: Sequence[Cell]) -> list[Table]:
    """One table for each model, its rows in the order of the cells. Kernels in a row that differ in nothing share a line."""
    by_model: dict[str, list[list[Cell]]] = {}
    for cell in cells:
        found = by_model.setdefault(cell.model, [])
        if not found or found[-1][0].parameters != cell.parameters:
            found.append([])
        found[-1].append(cell)
    return [table(model, found) for model, found in by_model.items()]


def table(model: str, found: list[list[Cell]]) -> Table:
    parameters = [row[0].parameters for row in found]
    names = list(dict.fromkeys(name for given in parameters for name in given))
    varying = [n for n in names if len({given[n] for given in parameters if n in given}) > 1]
    varying = varying or [str(n) for n in ("design", "kernel") if n in names][:1]
    lines: list[Line] = []
    for row, given in zip(found, parameters, strict=True):
        words = [given[n] if n in ("design", "kernel") else f"{n}={given[n]}" for n in varying if n in given]
        searched = {c.name: c for c in row if c.name is not None}
        states = next((f"{c.states:,}" for c in row if c.states is not None), "")
        reason = "" if searched else f"{row[0].verdict.value}{': ' if row[0].reason else ''}{row[0].reason}"
        line = Line((" ".join(words) or "(defaults)",), searched, states, reason, row[0].notes)
        if lines and varying == ["kernel"] and content(lines[-1]) == content(line):
            line = Line((*lines[-1].names, *line.names), lines[-1].cells, line.states, line.reason, line.notes)
            lines.pop()
        lines.append(line)
    properties = tuple(dict.fromkeys(name for line in lines for name in line.cells))
    fixed = {n: parameters[0][n] for n in names if n not in varying and n in parameters[0]}
    return Table(model, properties, tuple(lines), fixed)


def content(line: Line) -> tuple[Any, ...]:
    """What a line says, but not of which kernel."""
    said = {name: (c.verdict, c.depth, c.reason, c.trace and c.trace.schedule) for name, c in line.cells.items()}
    return said, line.states, line.reason, line.notes


def short(cell: Cell | None) -> str:
    """A cell in a few characters."""
    if cell is None:
        return "-"
    match cell.verdict:
        case Verdict.VIOLATED:
            return f"X {cell.depth}"
        case Verdict.HOLDS_TO_DEPTH:
            return f"to {cell.depth}"
        case Verdict.HOLDS | Verdict.PROVED:
            return "holds"
        case Verdict.UNDECIDED:
            return "?"
        case _:
            return "-"


def plain(cell: Cell | None) -> str:
    """A cell in words."""
    if cell is None:
        return "not applicable"
    if cell.verdict in (Verdict.VIOLATED, Verdict.HOLDS_TO_DEPTH):
        return f"{cell.verdict.value} {'at ' if cell.verdict is Verdict.VIOLATED else ''}{cell.depth}"
    return str(cell.verdict.value)


def heads(properties: Sequence[str]) -> dict[str, str]:
    """A short head for each property: the first letters of its words, the shortest that tell it from the others."""
    found: dict[str, str] = {}
    for name in properties:
        words = re.findall(r"[A-Za-z0-9]+", name)
        head = "".join(w[0] for w in words) if len(words) > 1 else name[:4]
        n = 2
        while head in found.values():
            head = f"{head.rstrip('0123456789')}{n}"
            n += 1
        found[name] = head
    return found


# ---------------------------------------------------------------- text


def text(cells: Sequence[Cell]) -> str:
    """Tables no wider than a terminal, with a legend."""
    made = tables(cells)
    named = heads(list(dict.fromkeys(p for t in made for p in t.properties)))
    blocks = [text_table(t, named) for t in made]
    wide = max((len(h) for h in named.values()), default=0)
    legend = [f"  {head:{max(wide, 5)}}  {name}" for name, head in named.items()]
    legend += [f"  {sign:{max(wide, 5)}}  {meaning}" for sign, meaning in LEGEND]
    more = [
        ABOUT,
        "a cell's counterexample: explore --model MODEL --kernel KERNEL -p design=DESIGN --property PROPERTY",
    ]
    return "\n\n".join([*blocks, "\n".join(legend), "\n".join(more)]) + "\n"


def text_table(given: Table, named: dict[str, str]) -> str:
    first = min(max(len(line.name) for line in given.lines), 40)
    counts = max(6, *(len(line.states) for line in given.lines))
    columns = {
        p: max(len(named[p]), *(len(short(line.cells.get(p))) for line in given.lines)) for p in given.properties
    }
    pieces: list[list[str]] = [[]]  # properties that fit beside each other
    room = WIDTH - 2 - first - 2 - counts
    for p in given.properties:
        if pieces[-1] and sum(columns[q] + 2 for q in [*pieces[-1], p]) > room:
            pieces.append([])
        pieces[-1].append(p)
    out = [given.model]
    for i, piece in enumerate(pieces):
        out += [""] if i else []
        out.append(row_text("", "states", [(named[p], columns[p]) for p in piece], first, counts))
        for line in given.lines:
            if line.reason:
                out += [] if i else paragraph(f"{line.name:{first}}  {line.reason}", 2, first + 4, cut=True)
            else:
                said = [(short(line.cells.get(p)), columns[p]) for p in piece]
                out.append(row_text(line.name, line.states, said, first, counts))
    for note, names in notes_of(given.lines):
        out += paragraph(f"note: {note} ({names})", 2, 4, cut=True)
    return "\n".join(out)


def row_text(name: str, states: str, said: Sequence[tuple[str, int]], first: int, counts: int) -> str:
    out = []
    if len(name) > first:
        out.append(f"  {name}")
        name = ""
    line = f"  {name:{first}}  {states:>{counts}}" + "".join(f"  {word:{width}}" for word, width in said)
    return "\n".join([*out, line.rstrip()])


def notes_of(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Each note, and the rows that have it."""
    found: dict[str, list[str]] = {}
    for line in lines:
        for note in line.notes:
            found.setdefault(note, []).append(line.name)
    return [(note, ", ".join(names)) for note, names in found.items()]


# ---------------------------------------------------------------- pages


Traces = dict[tuple[str, str], tuple[str, list[str], CellTrace]]


def traces(given: Table) -> Traces:
    """The counterexamples of a table, equal ones once: (property, schedule) -> (anchor, the rows that have it, one)."""
    found: Traces = {}
    slug = re.sub(r"\W+", "-", given.model).strip("-")
    for line in given.lines:
        for p in given.properties:
            cell = line.cells.get(p)
            if cell is not None and cell.trace is not None:
                key = (p, cell.trace.schedule)
                found.setdefault(key, (f"{slug}-{len(found) + 1}", [], cell.trace))[1].append(line.name)
    return found


def markdown(cells: Sequence[Cell], head: Sequence[str] = ()) -> str:
    """Tables with a link from each violated cell to the command that replays it. `head`: lines that say how it was made."""
    made = tables(cells)
    out = ["# Which design keeps which promise", "", f"Scope: {ABOUT}.", "", *head]
    out += [
        "",
        "A violated cell says how many steps its shortest counterexample has, and leads to the command that replays it.",
    ]
    for given in made:
        known = traces(given)
        out += ["", f"## {markdown_plain(given.model)}", ""]
        if given.fixed:
            out += [", ".join(markdown_code(f"{name}={value}") for name, value in given.fixed.items()), ""]
        out.append("| | states | " + " | ".join(markdown_code(p, table=True) for p in given.properties) + " |")
        out.append("|---|---:|" + "---|" * len(given.properties))
        for line in given.lines:
            said = [cell_link(line.cells.get(p), known, "[{}](#{})") for p in given.properties]
            if line.reason:
                said = [markdown_plain(" ".join(line.reason.split()))] + [""] * (len(given.properties) - 1)
            out.append(f"| {markdown_plain(line.name)} | {line.states} | {' | '.join(said)} |")
        notes = notes_of(given.lines)
        out += ["", *(f"- note: {markdown_plain(f'{note} ({names})')}" for note, names in notes)] if notes else []
        for (name, _), (anchor, names, trace) in known.items():
            out += [
                "",
                f'<a id="{anchor}"></a>{markdown_code(name)}: {markdown_plain(", ".join(names))}',
                "",
                *markdown_block(trace.replay, "sh"),
            ]
    return "\n".join(out) + "\n"


def cell_link(cell: Cell | None, known: Traces, form: str) -> str:
    """A cell in words, a violated one as a link."""
    if cell is None or cell.name is None or cell.trace is None:
        return plain(cell)
    return form.format(plain(cell), known[cell.name, cell.trace.schedule][0])


HTML_LINK = '<a href="#{1}">{0}</a>'
STYLE = """body { font-family: sans-serif; margin: 2em; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { border: 1px solid #999; padding: 0.2em 0.5em; text-align: left; }
th.property { writing-mode: vertical-rl; transform: rotate(180deg); }
td.number { text-align: right; }
td.violated { background: #f8d0d0; }
td.holds { background: #d8f0d8; }
td.bounded { background: #f8f0c8; }"""


def page(cells: Sequence[Cell], head: Sequence[str] = ()) -> str:
    """One HTML page: the tables, and under each its counterexamples as diagrams, which the violated cells lead to."""
    out = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8"><title>Which design keeps which promise</title>',
    ]
    out += [f"<style>{STYLE}</style></head><body>", "<h1>Which design keeps which promise</h1>"]
    out += [f"<p>{html_text(line)}</p>" for line in (f"Scope: {ABOUT}.", *head) if line]
    for given in tables(cells):
        known = traces(given)
        out.append(f"<h2>{html_text(given.model)}</h2>")
        out.append(f"<p>{html_text(', '.join(f'{n}={v}' for n, v in given.fixed.items()))}</p>")
        titles = "".join(f'<th class="property">{html_text(p)}</th>' for p in given.properties)
        out.append(f"<table><tr><th></th><th>states</th>{titles}</tr>")
        for line in given.lines:
            said = "".join(html_cell(line.cells.get(p), known) for p in given.properties)
            if line.reason:
                said = f'<td colspan="{max(len(given.properties), 1)}">{html_text(line.reason)}</td>'
            name = html_text(line.name)
            out.append(f'<tr><th>{name}</th><td class="number">{line.states}</td>{said}</tr>')
        out.append("</table>")
        out += [f"<p>note: {html_text(f'{note} ({names})')}</p>" for note, names in notes_of(given.lines)]
        for (name, _), (anchor, names, trace) in known.items():
            title = html_text(f"{name}: {', '.join(names)}")
            diagram, replay = html_text(trace.diagram), html_text(trace.replay)
            out.append(f'<h3 id="{anchor}">{title}</h3><pre>{diagram}\n{replay}</pre>')
    return "\n".join([*out, "</body></html>"]) + "\n"


def html_cell(cell: Cell | None, known: Traces) -> str:
    kind = {"X": "violated", "h": "holds", "t": "bounded", "?": "bounded"}.get(short(cell)[0], "")
    reason = f' title="{html_text(cell.reason)}"' if cell is not None and cell.reason else ""
    return f'<td class="{kind}"{reason}>{cell_link(cell, known, HTML_LINK)}</td>'
