"""Faults put into the tool on purpose: the tests must notice each. See `tests/mutants/test_mutants.py`."""
