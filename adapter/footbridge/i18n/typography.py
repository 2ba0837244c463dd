"""The spaces of French: one rule, for every text in French that people read.

A no-break space stands before a colon and inside « », a narrow no-break space before ? ! ;. So no sign begins a line.
What stands between backticks is typed as it is, and stays. A colon without a space before it belongs to a code or an
address, and stays too. Source: Imprimerie nationale, Lexique des règles typographiques; Unicode U+202F,
https://www.unicode.org/charts/PDF/U2000.pdf.
"""

import functools
import re

_SPACE = "[ \u00a0\u202f]"
_RULES = (
    (re.compile(f"«{_SPACE}*"), "«\u00a0"),
    (re.compile(f"{_SPACE}*»"), "\u00a0»"),
    (re.compile(f"{_SPACE}+:(?=\\s|$)"), "\u00a0:"),
    (re.compile(f"(?<=[^\\s\u00a0\u202f?!;(]){_SPACE}*([?!;])(?=[\\s\u00a0\u202f)»?!]|$)"), "\u202f\\1"),
)


@functools.lru_cache(maxsize=8192)
def french(text: str) -> str:
    """A text with the spaces of French."""
    parts = text.split("`")
    if len(parts) == 1:
        return _spaced(text)
    marked = "`".join(part if number % 2 == 0 else f"\ue000{number}\ue001" for number, part in enumerate(parts))
    done = _spaced(marked)
    for number in range(1, len(parts), 2):
        done = done.replace(f"\ue000{number}\ue001", parts[number])
    return done


def _spaced(text: str) -> str:
    for rule, spaced in _RULES:
        text = rule.sub(spaced, text)
    return text
