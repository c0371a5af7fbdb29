"""Questions that take many searches, or proofs: settings of rules, matrices, repair, necessity, induction, any size.

It may import what `answer` may, and `answer`. It knows no picture and no command line.
"""
