"""Search of the directory: by need, words, place, time, language, eligibility; the same on SQLite and PostgreSQL.

Writing, an import at a time (the steps stand in ``index``):

prepare     a service becomes words, values of facets, points: pure, for the processes that clean an import
packed      that, as the index takes it: for the same processes
index       rows of new versions, the end of old ones; what failed is discarded, what nobody sees is purged
publish     the snapshot of an import: bitmaps and columns, counted once (``counting``)

Reading:

query       what is asked, and what comes back
search      the order of the work; ``typed`` (towns, codes, numbers among the words), ``matching`` (words),
            ``filters``, ``populations``, ``nearby``, ``ordering``, ``facets``, ``hits``
matching    ``levels`` (who has a word), ``concepts`` (synonyms, needs), ``spelling``, ``corrections``, ``sounds``
places      what "near" means; ``gazetteer`` reads files of places, ``located`` applies them
gaps        how often nothing was found, and where; ``repeats``: what one person asks again counts once

What both stand on: ``words`` (folding, stems), ``hours`` with ``holidays``, ``geography``, ``values``; ``bitmaps``,
``snapshot``, and ``dialect``, the statements that the two databases spell differently.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from footbridge.directory.search.query import Query, Result
    from footbridge.directory.search.search import ServiceSearch

__all__ = ["Query", "Result", "ServiceSearch"]
_MODULES = {"Query": "query", "Result": "query", "ServiceSearch": "search"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a class
    """Import what is asked for: the processes of an import prepare services, and need no database."""
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
