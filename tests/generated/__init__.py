"""Random models as source text, and the comparison of the System with CPython on each of them.

`python -m tests.generated --count 20000 --seed 7` looks longer than the test suite does; what it finds it prints as a model.
"""
