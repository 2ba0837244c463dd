"""Administration: what an administrator does every day, by the same functions as the command line.

``users``, ``partners`` and ``partner_changes`` add, change and remove; ``tokens`` lists and revokes; ``routing`` sets
who is asked for a category; ``owed`` shows messages that wait and deliveries over time; ``directory`` imports one;
``overview`` shows settings (secrets hidden). A secret of a partner is never typed into a page: `footbridge partner add
--credential` names where it is.
"""
