"""One question about one model: the search asked, the verdicts, the counterexample as a run that CPython executed.

It brings together language, lowering, search, witness and cache. It knows no picture and no command line.
"""
