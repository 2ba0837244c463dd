"""Prescribing: a person writes a social prescription on one page, checks it, and sends it as the API would.

``start`` finds the person, or begins with a new one; ``write`` is the page with the form and the directory beside it;
``checking`` shows what leaves to whom, and sends. ``fields`` makes the fields of ``mappings/prescribing.json``,
``document`` makes the prescription of what was typed, ``known`` fills in a person whom the tenant knows,
``help_nearby`` asks the directory, ``preview`` tells what each recipient gets. ``desk`` is what pages of a draft share.

What was typed is a draft in the database (``store.drafts``) from the first click on. The draft's id is the business
identifier of the prescription: however often it is sent, there is one.
"""
