"""The files here are models, not tests, whatever their names begin with."""

collect_ignore_glob = ["*.py"]
