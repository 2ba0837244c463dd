"""The forms of the simulated clinics (``forms.json``): flat items, most of them without an answer, some hidden."""

import functools
import json
from collections.abc import Mapping
from importlib.resources import files

from footbridge.simulators.ocean.draft import Draft

Row = tuple[str, str | None, bool, str | None]
"""``linkId``, text, whether it is hidden, answer."""


@functools.cache
def forms() -> Mapping[str, list[tuple[str, str | None, str | None, bool]]]:
    """Each form's items: ``linkId``, English text, French text, whether it is hidden."""
    read = json.loads(files(__package__).joinpath("forms.json").read_bytes())
    return {name: [tuple(row) for row in rows] for name, rows in read.items() if name != "about"}


def items_of(draft: Draft) -> list[Row]:
    """The items as the clinic filled them in; an answer to an item that the form lacks is added at the end."""
    known = forms().get(draft.form, [])
    french = draft.language == "fr"
    rows = [(link, fr if french else en, hidden, draft.answers.get(link)) for link, en, fr, hidden in known]
    listed = {row[0] for row in rows}
    return rows + [(link, None, False, answer) for link, answer in draft.answers.items() if link not in listed]
