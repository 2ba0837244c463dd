"""XHTML that is not well-formed, as lenient readers of it take it.

The HL7 validator reads the narratives of JSON with a parser of its own, which takes attributes without quotes or twice,
elements that are still open at the end, text after the root, ``--`` in a comment, and characters that XML lacks. A
narrative like that is still shown by its readers; ``as_read`` writes it as they take it, so that all the rest of it is
checked. What those readers refuse stays as it is: tags that cross, ``<`` in a text, an attribute without a value.
"""

import re

_TOKEN = re.compile(
    r"""<!--(?P<comment>.*?)-->|<\?(?P<instruction>.*?)>|</(?P<close>[A-Za-z][\w:.-]*)>"""
    r"""|<(?P<open>[A-Za-z][\w:.-]*)(?P<attributes>(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>/]+))*)\s*(?P<alone>/?)>""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>/]+))""")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NUMBER = re.compile(r"&#(?!(?:[0-9]+|x[0-9A-Fa-f]+);)|&#(?=x[dD][89a-fA-F][0-9A-Fa-f]{2};)")


def as_read(markup: str) -> str:
    """The markup as those readers take it; what they refuse is not well-formed in what comes back either."""
    for start, end in (("<!--", "-->"), ("<?", ">")):
        if markup.rfind(end) < markup.rfind(start):
            return markup
    text = _NUMBER.sub("&amp;#", _NOT_XML.sub("?", markup))
    written: list[str] = []
    around: list[str] = []
    at = 0
    for token in _TOKEN.finditer(text):
        between = text[at : token.start()]
        written.append(between if around else between.strip())
        at = token.end()
        if token["open"]:
            end = "/" if token["alone"] else ""
            written.append(f"<{token['open']}{_attributes(token['attributes'])}{end}>")
            if not end:
                around.append(token["open"])
        elif token["close"]:
            written.append(token[0])
            if not around or around.pop() != token["close"]:
                return markup  # tags that cross
            if not around:
                return "".join(written)
    if text.find("<", at) >= 0:
        return markup
    return "".join((*written, text[at:], *(f"</{name}>" for name in reversed(around))))


def _attributes(text: str) -> str:
    """The attributes with quotes, each once: the last counts."""
    rows = {name: double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(text)}
    return "".join(f' {name}="{value.replace("<", "&lt;").replace(chr(34), "&quot;")}"' for name, value in rows.items())
