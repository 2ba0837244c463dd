"""Cuts a FHIRPath expression into tokens (https://hl7.org/fhirpath/N1/#grammar)."""

import re
from dataclasses import dataclass

from footbridge.validation.fhirpath.errors import execution, syntax

MAX_LENGTH = 100_000
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "\\": "\\", "'": "'", '"': '"', "`": "`", "/": "/"}

_TIME = r"\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_ZONE = r"(?:Z|[+-]\d{2}:\d{2})"
_TOKEN = re.compile(
    rf"""
    (?P<space>   \s+ | //[^\r\n]* | /\*.*?\*/ )
  | (?P<time>    @T{_TIME}{_ZONE}? )
  | (?P<date>    @\d{{4}}(?:-\d{{2}}(?:-\d{{2}})?)?(?:T(?:{_TIME}{_ZONE}?)?)? )
  | (?P<number>  \d+(?:\.\d+)? )
  | (?P<string>  '(?:[^'\\]|\\.)*' )
  | (?P<quoted>  `(?:[^`\\]|\\.)*` )
  | (?P<name>    [A-Za-z_][A-Za-z0-9_]* )
  | (?P<special> \$[a-z]+ )
  | (?P<symbol>  <= | >= | != | !~ | [-+*/&|=~<>.,()\[\]{{}}%] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ZONED_TIME = re.compile(rf"@T{_TIME}{_ZONE}\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``kind`` (time, date, number, string, quoted, name, special, symbol, end) and its text.

    The text of strings and quoted names is without their quotes, escapes resolved; of dates without ``@``.
    """

    kind: str
    text: str
    position: int


def _unescape(body: str, position: int) -> str:
    def resolve(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        if match[2] not in ESCAPES:
            raise syntax(f"The escape \\{match[2]} is not one of FHIRPath's", position + match.start())
        return ESCAPES[match[2]]

    return _ESCAPE.sub(resolve, body) if "\\" in body else body


def _token(kind: str, text: str, position: int) -> Token:
    if kind in {"string", "quoted"}:
        return Token(kind, _unescape(text[1:-1], position + 1), position)
    if kind == "time":
        if _ZONED_TIME.match(text):
            raise execution("A time has no offset from UTC", position)
        return Token(kind, text[2:], position)
    return Token(kind, text[1:] if kind == "date" else text, position)


def tokens(expression: str) -> list[Token]:
    """All tokens of the expression, closed by one of kind ``end``; raises FHIRPathError (syntax)."""
    if len(expression) > MAX_LENGTH:
        raise syntax(f"The expression is longer than {MAX_LENGTH} characters")
    found: list[Token] = []
    position = 0
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None or (match.lastgroup == "symbol" and expression.startswith("/*", position)):
            raise syntax("No token of FHIRPath starts here", position)
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(_token(kind, match[0], position))
        position = match.end()
    found.append(Token("end", "", len(expression)))
    return found
