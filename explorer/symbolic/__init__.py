"""z3 on the model, before the search and never at a state: what is proved here, searches use as plain data.

It knows systems; what it proved is kept by content.
"""
