"""Parses FHIRPath into a syntax tree by precedence climbing (https://hl7.org/fhirpath/N1/#operator-precedence).

Depth is limited, so that neither parsing nor evaluation can exhaust the stack: an expression nested
deeper than MAX_DEPTH is refused as a syntax error.
"""

from decimal import Decimal

from footbridge.validation.fhirpath import tree
from footbridge.validation.fhirpath.errors import syntax
from footbridge.validation.fhirpath.lexer import Token, tokens

MAX_DEPTH = 64
MAX_CHAIN = 200

PRECEDENCE = {
    "implies": 1, "or": 2, "xor": 2, "and": 3, "in": 4, "contains": 4, "=": 5, "~": 5, "!=": 5, "!~": 5,
    "<": 6, ">": 6, "<=": 6, ">=": 6, "|": 7, "is": 8, "as": 8,
    "+": 9, "-": 9, "&": 9, "*": 10, "/": 10, "div": 10, "mod": 10,
}  # fmt: skip
FLATTENED = frozenset({"and", "or", "|"})
CALENDAR_UNITS = frozenset(
    f"{unit}{plural}"
    for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for plural in ("", "s")
)
# Operators that are words may still name an element or a function after a dot or at a path's start.
NAME_WORDS = frozenset({"as", "is", "contains", "in", "div", "mod", "and", "or", "xor", "implies"})
PATH_START_WORDS = frozenset({"as", "is", "contains", "in"})


class Parser:
    """One parse of one expression."""

    def __init__(self, expression: str) -> None:
        self._tokens = tokens(expression)
        self._at = 0
        self._depth = 0

    def parse(self) -> tree.Expression:
        """The whole expression; raises FHIRPathError (syntax)."""
        result = self._expression(0)
        if self._now.kind != "end":
            raise syntax(f"Unexpected {self._now.text!r}", self._now.position)
        return result

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _advance(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _is(self, *texts: str) -> bool:
        return self._now.text in texts and self._now.kind in {"symbol", "name"}

    def _expect(self, text: str) -> Token:
        if not self._is(text):
            found = self._now.text or "the end of the expression"
            raise syntax(f"Expected {text!r}, found {found!r}", self._now.position)
        return self._advance()

    def _expression(self, lowest: int) -> tree.Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise syntax(f"The expression is nested deeper than {MAX_DEPTH} levels", self._now.position)
        left = self._signed()
        count = 0
        while self._now.kind in {"symbol", "name"}:
            operator = self._now.text
            strength = PRECEDENCE.get(operator, 0)
            if strength == 0 or strength <= lowest:
                break
            left = self._operation(left, self._advance(), strength)
            count += 0 if operator in FLATTENED else 1
            if count > MAX_CHAIN:
                raise syntax(f"More than {MAX_CHAIN} operators in a row", self._now.position)
        self._depth -= 1
        return left

    def _operation(self, left: tree.Expression, operator: Token, strength: int) -> tree.Expression:
        if operator.text in {"is", "as"}:
            return tree.TypeTest(operator.text, left, self._type_name(), operator.position)
        right = self._expression(strength)
        operands: tuple[tree.Expression, ...] = (left, right)
        if isinstance(left, tree.Binary) and left.operator == operator.text and operator.text in FLATTENED:
            operands = (*left.operands, right)
        return tree.Binary(operator.text, operands, operator.position)

    def _type_name(self) -> str:
        parts = [self._name().text]
        while self._is("."):
            self._advance()
            parts.append(self._name().text)
        return ".".join(parts)

    def _signed(self) -> tree.Expression:
        if self._now.kind == "symbol" and self._now.text in "+-":
            token = self._advance()
            return tree.Sign(token.text, self._expression(PRECEDENCE["*"]), token.position)
        return self._path()

    def _path(self) -> tree.Expression:
        position = self._now.position
        steps: list[tree.Step] = []
        start: tree.Expression | None = None
        token = self._now
        named = token.kind == "quoted" or (token.kind == "name" and self._starts_path(token.text))
        if named:
            steps.append(self._member_or_call())
        else:
            start = self._term()
        while self._is(".", "["):
            opener = self._advance()
            if opener.text == ".":
                steps.append(self._member_or_call())
            else:
                steps.append(tree.Index(self._expression(0), opener.position))
                self._expect("]")
        if start is not None and not steps:
            return start
        return tree.Path(start, tuple(steps), position)

    def _starts_path(self, word: str) -> bool:
        return word not in {"true", "false"} and (word not in NAME_WORDS or word in PATH_START_WORDS)

    def _name(self) -> Token:
        if self._now.kind not in {"name", "quoted"}:
            found = self._now.text or "the end of the expression"
            raise syntax(f"Expected a name, found {found!r}", self._now.position)
        return self._advance()

    def _member_or_call(self) -> tree.Step:
        if self._now.kind == "special":
            raise syntax(f"{self._now.text} stands only at the start of a path", self._now.position)
        token = self._name()
        if token.kind == "name" and self._is("("):
            self._advance()
            return tree.Call(token.text, self._arguments(), token.position)
        return tree.Member(token.text, token.position)

    def _arguments(self) -> tuple[tree.Expression, ...]:
        found: list[tree.Expression] = []
        if not self._is(")"):
            found.append(self._expression(0))
            while self._is(","):
                self._advance()
                found.append(self._expression(0))
        self._expect(")")
        return tuple(found)

    def _term(self) -> tree.Expression:
        token = self._advance()
        if token.kind == "number":
            return self._number(token)
        if token.kind in {"string", "date", "time"}:
            return tree.Literal(token.kind, token.text, token.position)
        if token.kind == "name" and token.text in {"true", "false"}:
            return tree.Literal("boolean", token.text == "true", token.position)
        if token.kind == "special":
            return self._special(token)
        return self._symbol_term(token)

    def _symbol_term(self, token: Token) -> tree.Expression:
        if token.kind == "symbol" and token.text == "(":
            inner = self._expression(0)
            self._expect(")")
            return inner
        if token.kind == "symbol" and token.text == "{":
            self._expect("}")
            return tree.Empty(token.position)
        if token.kind == "symbol" and token.text == "%":
            name = self._advance() if self._now.kind == "string" else self._name()
            return tree.Variable(self._hyphenated(name), token.position)
        found = token.text or "the end of the expression"
        raise syntax(f"Expected a value or a path, found {found!r}", token.position)

    def _hyphenated(self, first: Token) -> str:
        """``%us-zip`` and its kin, which FHIR wrote without quotes before N1, as one name."""
        name = first.text
        if first.kind != "name" or name not in {"us", "vs", "ext", "map"}:
            return name
        end = first.position + len(name)
        while self._is("-") and self._now.position == end and self._tokens[self._at + 1].kind == "name":
            word = self._tokens[self._at + 1]
            if word.position != end + 1:
                break
            name += "-" + word.text
            end = word.position + len(word.text)
            self._at += 2
        return name

    def _special(self, token: Token) -> tree.Expression:
        if token.text not in {"$this", "$index", "$total"}:
            raise syntax(f"{token.text} is not one of $this, $index, $total", token.position)
        return tree.Special(token.text[1:], token.position)

    def _number(self, token: Token) -> tree.Expression:
        unit = self._now
        if unit.kind == "string":
            self._advance()
            return tree.QuantityLiteral(Decimal(token.text), unit.text, calendar=False, position=token.position)
        if unit.kind == "name" and unit.text in CALENDAR_UNITS:
            self._advance()
            return tree.QuantityLiteral(Decimal(token.text), unit.text, calendar=True, position=token.position)
        if "." in token.text:
            return tree.Literal("decimal", Decimal(token.text), token.position)
        return tree.Literal("integer", _integer(token), token.position)


def _integer(token: Token) -> int:
    if len(token.text) > 30:
        raise syntax("A whole number has at most 30 digits", token.position)
    return int(token.text)


def parse(expression: str) -> tree.Expression:
    """The syntax tree of an expression; raises FHIRPathError of kind ``syntax``."""
    try:
        return Parser(expression).parse()
    except RecursionError:
        raise syntax("The expression is nested too deep for the stack that is left") from None
