"""What an expression is evaluated in: the caller's Context, and the Frame that carries $this and its kin."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from footbridge.validation.fhirpath.errors import FHIRPathError
from footbridge.validation.fhirpath.nodes import Node, resource_node
from footbridge.validation.fhirpath.values import EMPTY, Items

Resource = dict[str, Any]


@dataclass(slots=True)
class Context:
    """What the caller knows beside the focus; every part may be left out.

    resource        the resource that holds the focus: %resource
    root_resource   the container when ``resource`` is contained, else the same: %rootResource
    focus           %context, when it is not the focus that the evaluation starts from
    variables       further %variables by name; a value is JSON or a list of JSON values
    resolve         a reference or canonical (str) -> the resource, None when it is not to be had
    member_of       (code, Coding or CodeableConcept as JSON, type name, value set URL) -> in it or not,
                    None when that cannot be decided here
    conforms_to     (resource or element as JSON, profile URL) -> bool, None when undecided
    subsumes        (Coding or CodeableConcept A, B as JSON) -> whether A subsumes B, None when undecided
    trace           (name, items as JSON) -> None, what trace() calls
    now             the time that now(), today() and timeOfDay() tell; the machine's when None
    kept            where evaluations in this context share what hangs on the resource only; None: each works it out
    spend           (amount of work) -> None, called now and then; what it raises ends the evaluation
    """

    resource: Resource | None = None
    root_resource: Resource | None = None
    focus: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    resolve: Callable[[str], Resource | None] | None = None
    member_of: Callable[[Any, str, str], bool | None] | None = None
    conforms_to: Callable[[Any, str], bool | None] | None = None
    subsumes: Callable[[Any, Any], bool | None] | None = None
    trace: Callable[[str, list[Any]], None] | None = None
    now: datetime | None = None
    kept: dict[Any, Items] | None = None
    spend: Callable[[int], None] | None = None


class Run:
    """One evaluation: its context, its focus, and what must stay the same from start to end."""

    work = 0
    _moment: datetime | None = None
    _resource: Items | None = None
    _root: Items | None = None
    _kept: dict[Any, Items] | None = None

    def __init__(self, context: Context, focus: Items) -> None:
        self.context = context
        self.focus = focus

    @property
    def moment(self) -> datetime:
        """The time of this evaluation, with its offset."""
        if self._moment is None:
            moment = self.context.now or datetime.now(UTC)
            self._moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return self._moment

    @property
    def resource(self) -> Items:
        """%resource as a collection."""
        if self._resource is None:
            resource = self.context.resource
            self._resource = EMPTY if resource is None else [resource_node(resource)]
        return self._resource

    @property
    def root(self) -> Items:
        """%rootResource as a collection."""
        if self._root is None:
            root = self.context.root_resource
            self._root = self.resource if root is None else [resource_node(root)]
        return self._root

    @property
    def kept(self) -> dict[Any, Items]:
        """What is the same in the whole evaluation (``footbridge.validation.fhirpath.fixed``)."""
        if self._kept is None:
            self._kept = {}
        return self._kept

    @property
    def kept_of_resource(self) -> dict[Any, Items]:
        """What is the same in all evaluations on the resource, where the context lets them share it."""
        shared = self.context.kept
        return self.kept if shared is None else shared

    def spend(self, amount: int) -> None:
        """Count work; an evaluation that makes more than MAX_ITEMS items is refused."""
        if self.context.spend is not None:
            self.context.spend(amount)
        self.work += amount
        if self.work > MAX_ITEMS:
            raise FHIRPathError(f"The evaluation makes more than {MAX_ITEMS} items", kind="execution")

    def tick(self, amount: int = 1) -> None:
        """Count work that makes no item: for the time that the context allows."""
        if self.context.spend is not None:
            self.context.spend(amount)

    def each(self, items: Items) -> Iterator[tuple[int, Any]]:
        """The items, counted from 0, for a function that evaluates an expression on each of them."""
        return enumerate(items) if self.context.spend is None else self._spending(items, self.context.spend)

    def _spending(self, items: Items, spend: Callable[[int], None]) -> Iterator[tuple[int, Any]]:
        for row in enumerate(items):
            spend(1)
            yield row

    def spend_text(self, text: str) -> None:
        """Count the work for a string that was made; one beyond MAX_TEXT is refused."""
        if len(text) > MAX_TEXT:
            raise FHIRPathError(f"A string grows beyond {MAX_TEXT} characters", kind="execution")
        if len(text) >= TEXT_OF_AN_ITEM:
            self.spend(len(text) // TEXT_OF_AN_ITEM)


MAX_ITEMS = 1_000_000
MAX_TEXT = 10_000_000
TEXT_OF_AN_ITEM = 50  # characters that count as one item
EVALUATION = 3  # what an expression that is evaluated for an item counts as, in items


class Frame:
    """The variables in force at one point: ``this`` ($this, a collection), ``index``, ``total``, ``named``."""

    __slots__ = ("index", "named", "run", "this", "total")

    def __init__(
        self, this: Items, run: Run, named: dict[str, Items], total: Items | None = None, index: int = 0
    ) -> None:
        self.this = this
        self.run = run
        self.named = named
        self.total = total
        self.index = index

    def inner(self) -> "Frame":
        """A frame for a function that evaluates an expression on each item."""
        return Frame(EMPTY, self.run, self.named, self.total)


Evaluate = Callable[[Frame], Items]
Decide = Callable[[Frame], bool | None]


class Code:
    """A compiled expression.

    ``many`` gives its collection; ``decide``, where the expression is boolean by its nature, gives True,
    False or None (empty) with no collection made.
    """

    __slots__ = ("decide", "many")

    def __init__(self, many: Evaluate, decide: Decide | None = None) -> None:
        self.many = many
        self.decide = decide


BOOLEANS: dict[bool | None, Items] = {True: (True,), False: (False,), None: EMPTY}


def boolean(decide: Decide) -> Code:
    """Code from a decision."""

    def many(frame: Frame) -> Items:
        return BOOLEANS[decide(frame)]

    return Code(many, decide)


def node_of(value: Any, declared: Any = None) -> Node | Any:  # noqa: ANN401 - JSON is any value
    """A variable's JSON value as an item: objects become nodes, scalars stay."""
    return resource_node(value, declared) if isinstance(value, dict) else value
