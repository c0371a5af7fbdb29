"""Faults put into the tool on purpose: the tests must notice each. See `tests/test_mutants.py`."""
