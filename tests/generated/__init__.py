"""Random models as source text, and the comparison of the System with CPython on each of them.

`python -m tests.generated.fuzz --minutes 15 --seed 7` looks longer than the test suite does. What it finds it makes as short
as it can and writes to tests/regressions.
"""
