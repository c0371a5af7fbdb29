"""The files of `models/` and `language/errors/` are models, not tests, whatever their names begin with."""

collect_ignore_glob = ["models/*.py", "language/errors/*.py", "language/typed/*.py"]
