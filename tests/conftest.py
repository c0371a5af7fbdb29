"""The files of `models/` and `language/typed/` are models, not tests, whatever their names begin with; and what takes long."""

from __future__ import annotations

from pathlib import Path

import pytest

collect_ignore_glob = ["models/*.py", "language/typed/*.py"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="of the whole suite, the tests that it leaves out for their length"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whoever asks for the whole suite gets what is not long, or with --long the rest; who asks for a file gets all of it."""
    whole = all(Path(argument).resolve() == Path(__file__).parent for argument in config.args)
    if not whole or config.option.keyword:
        return
    wanted = bool(config.getoption("--long"))
    left_out = [item for item in items if (item.get_closest_marker("long") is not None) != wanted]
    items[:] = [item for item in items if (item.get_closest_marker("long") is not None) == wanted]
    config.hook.pytest_deselected(items=left_out)
