"""The spaces of French: one rule, for every text in French that people read.

A no-break space stands before a colon and inside « », a narrow no-break space before ? and !, none before a semicolon,
as in Canada. So no sign begins a line. What stands between backticks is typed as it is, and stays. A colon without a
space before it belongs to a code or an address, and stays too. Source: Translation Bureau of Canada,
https://www.noslangues-ourlanguages.gc.ca/en/writing-tips-plus/ ("espacement"); U+202F of Unicode.
"""

import functools
import re

_SPACE = "[ \u00a0\u202f]"
_RULES = (
    (re.compile(f"«{_SPACE}*"), "«\u00a0"),
    (re.compile(f"{_SPACE}*»"), "\u00a0»"),
    (re.compile(f"(?<=[^\\s\u00a0\u202f?!(]){_SPACE}*([?!])(?=[\\s\u00a0\u202f)»?!]|$)"), "\u202f\\1"),
    (re.compile(f"(?<=\\S){_SPACE}+;(?=\\s|$)"), ";"),
    (re.compile(f"(?<=\\S){_SPACE}+:(?=\\s|$)"), "\u00a0:"),
)


@functools.lru_cache(maxsize=8192)
def french(text: str) -> str:
    """A text with the spaces of French."""
    parts = text.split("`")
    marked = "`".join(part if number % 2 == 0 else f"\ue000{number}\ue001" for number, part in enumerate(parts))
    for rule, spaced in _RULES:
        marked = rule.sub(spaced, marked)
    for number in range(1, len(parts), 2):
        marked = marked.replace(f"\ue000{number}\ue001", parts[number])
    return marked
