"""What searches may leave out, as plain masks and tables: each can be switched off.

It knows systems. What z3 proved comes to it as data.
"""
