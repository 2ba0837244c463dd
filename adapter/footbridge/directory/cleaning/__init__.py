"""Cleaning: what real data has (markup, padded codes, hours in words, phones), one file a kind.

``clean`` takes a record after the step of privacy, and gives it cleaned with a Finding for each change. It is pure:
the same record gives the same, a clean record comes back as it was. What cannot be read stays as text.

Added without a finding, because nothing was changed: the ``code`` of a language's name, ``is_free`` (bool) where a
service's fees say it, and ``can_refer`` (bool) on a service or a restricted record. A number that is written as a plain
text ("18") becomes a number without a finding too: a table has nothing but texts.
"""

from footbridge.directory.cleaning.record import clean

__all__ = ["clean"]
