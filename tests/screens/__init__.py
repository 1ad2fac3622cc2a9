"""Every screen of the product, for whoever wants to look at all of them.

`python -m tests.screenshots` photographs them and tests/browser/test_axe.py looks for barriers on them. A new screen is
one line in table.py; if it needs more than its address, a function in states.py brings it about, and the rows it shows
are made in content.py.
"""
