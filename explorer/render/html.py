"""Results and traces as a notebook shows them: text, and the picture that Graphviz draws."""

from __future__ import annotations

from explorer.answer.result import Result
from explorer.answer.trace import Trace
from explorer.errors import UsageError
from explorer.process.quoting import html_text
from explorer.render.diagram import text
from explorer.render.dot import trace_dot
from explorer.render.report import heading, verdicts
from explorer.render.svg import svg


def trace_html(trace: Trace) -> str:
    """The picture, with the text folded under it; the text alone where no Graphviz can draw."""
    shown = preformatted_html(text(trace))
    try:
        drawn = svg(trace_dot(trace))
    except UsageError:
        return shown
    # without the prolog, which only a file of its own may have
    return f"<div>{drawn[drawn.index('<svg') :]}</div><details><summary>as text</summary>{shown}</details>"


def result_html(result: Result) -> str:
    """The verdicts, then each counterexample, and the run to an error of the model."""
    head = heading(result.model, result.parameters)
    traces = [p.trace for p in result.with_runs if p.trace is not None and p.trace.violated]
    if result.error_trace is not None:
        traces.append(result.error_trace)
    return "".join([preformatted_html(f"{head}\n\n{verdicts(result, error_trace=False)}"), *map(trace_html, traces)])


def preformatted_html(given: str) -> str:
    return f"<pre>{html_text(given.strip())}</pre>"
