"""Messages in English and French: made in English, said in the reader's language where they are shown.

A message is written once, in English, inside ``_()`` or ``_n()``: ``_("{name} is not a setting.", name=name)``. What
comes back is a ``Text``: the English sentence as a str, which knows its template and fields. So an exception, an issue,
a log line or a row of a table holds English, whoever asked; only the edges (a command's output, an answer over HTTP)
call ``spoken``, which says it in the language of the call. Commands, which print at once, import ``_`` from
``footbridge.i18n.eager`` and get the sentence in that language.

The catalogue is ``locale/fr/LC_MESSAGES/footbridge.po``; ``scripts/catalogue.py`` extracts, checks and compiles it.
A sentence without French is said in English; a test finds it first.
"""

from footbridge.i18n.current import current, speaking, spoken, start_speaking, stop_speaking
from footbridge.i18n.languages import LANGUAGES, Language, language_of_tag
from footbridge.i18n.text import Text, _, _n, in_language, joined

__all__ = [
    "LANGUAGES",
    "Language",
    "Text",
    "_",
    "_n",
    "current",
    "in_language",
    "joined",
    "language_of_tag",
    "speaking",
    "spoken",
    "start_speaking",
    "stop_speaking",
]
