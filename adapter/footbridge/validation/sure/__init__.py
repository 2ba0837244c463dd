"""Decides fast that there is nothing to say of a value; the walk looks at what is not sure.

For each type, and for each place of a profile, a Python function is written and compiled: it answers True only where
the walk would report no issue and no note, at this value and below. False means *not known*, and the walk goes there;
so the walk stays the only source of issues. A function is made once its type or place was met ``HOT`` times, and none
before ``FIRST`` such values, so that a process that looks at one resource pays nothing.

``certain`` is what the engine asks, ``functions`` keeps the functions. ``types`` and ``profiles`` write them, ``forms``
says how each rule is decided, ``paths`` turns invariants into Python, ``asked`` is what a function knows of its
surroundings.
"""
