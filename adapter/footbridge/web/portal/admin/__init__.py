"""Administration: what an administrator does every day, by the same functions as the command line.

``users`` and ``partners`` add, change and remove; ``routing`` sets who is asked for a category; ``owed`` shows messages
that wait and deliveries over time; ``overview`` shows settings (secrets hidden) and imports of the directory. A secret
of a partner is never typed into a page: `footbridge partner add --credential` names where it is.
"""
