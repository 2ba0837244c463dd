"""The state of one validation: what is found (Run), and the resource that is being looked at (Scope)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.budget import Budget
from footbridge.validation.core.options import Options
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import Context

if TYPE_CHECKING:
    from footbridge.validation.core.context import ValidationContext
    from footbridge.validation.core.references import BundleIndex


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Something that could not be decided: the rule, where, and why."""

    rule: str
    expression: str
    why: str


class Run:
    """What one validation has found so far. Not shared between threads."""

    __slots__ = (
        "budget",
        "depth",
        "engine",
        "errors",
        "full",
        "held",
        "issues",
        "memo",
        "mild",
        "opened",
        "options",
        "seen",
        "seen_profiles",
        "unchecked",
    )

    def __init__(
        self,
        engine: "ValidationContext",
        options: Options,
        budget: Budget | None = None,
        opened: "list[Scope] | None" = None,
    ) -> None:
        self.engine = engine
        self.opened: list[Scope] = [] if opened is None else opened  # with those of runs on the side
        self.budget = budget
        self.options = options
        self.issues: list[Issue] = []
        self.seen: set[tuple[str, str | None, str]] = set()
        self.seen_profiles: set[tuple[int, str]] = set()
        self.unchecked: dict[tuple[str, str, str], Unchecked] = {}
        self.memo: dict[Any, Any] = {}
        self.held: dict[int, tuple[Any, dict[str, Any]]] = {}  # resources and what they contain; with runs on the side
        self.full = False
        self.errors = 0
        self.mild = 0  # findings that are no errors; below 0 where no more are kept
        self.depth = 0

    def report(self, findings: Iterable[Issue]) -> None:
        """Keep findings, each once, up to the limit: so many errors, and so many of what is none."""
        for issue in findings:
            if self.budget is not None:
                self.budget.spend()
            if self.full or (self.mild < 0 and not issue.is_error):
                continue
            identity = (issue.rule, issue.expression, issue.message)
            if identity in self.seen:
                continue
            self.seen.add(identity)
            self.issues.append(issue)
            if issue.is_error:
                self.errors += 1
                self.full = self.errors >= self.options.max_issues
            else:
                self.mild += 1
            if self.full or self.mild >= self.options.max_issues:
                self.issues.append(too_many(self.options.max_issues, issue.severity))
                self.mild = -1

    def undecided(self, rule: str, spot: Spot, why: str) -> None:
        """Note that a rule could not be decided; such a note is no issue."""
        if len(self.unchecked) < self.options.max_issues:
            key = (rule, str(spot), why)
            self.unchecked[key] = Unchecked(*key)

    def note(self, row: Unchecked) -> None:
        """Note what could not be decided, as in ``undecided``."""
        if len(self.unchecked) < self.options.max_issues:
            self.unchecked[row.rule, row.expression, row.why] = row

    def trial(self) -> "Run":
        """A run on the side, for a question whose findings are not reported."""
        run = self.aside()
        run.memo = self.memo
        return run

    def aside(self) -> "Run":
        """A run that knows nothing of what was found here."""
        run = Run(self.engine, self.options, self.budget, self.opened)
        run.depth = self.depth
        run.held = self.held
        return run

    def close(self, since: int = 0) -> None:
        """Take apart what leads in a circle, so that all of it goes at once and waits for no collection of garbage.

        ``since`` is how many of ``opened`` are still in use.
        """
        for scope in self.opened[since:]:
            scope.close()
        del self.opened[since:]

    @property
    def failed(self) -> bool:
        """Whether an error was found."""
        return any(issue.is_error for issue in self.issues)


def too_many(limit: int, severity: Severity) -> Issue:
    """That there are more issues than are listed."""
    return Issue(
        "validation.too-many-issues",
        severity,
        "too-costly",
        f"There are {limit} or more issues of this severity; the rest is not listed.",
    )


class Scope:
    """One resource being validated.

    resource   the resource
    root       its container when it is contained, else itself
    spot       where it stands
    bundle     the index of the Bundle around it, None when it stands alone
    full_url   the fullUrl of the entry that holds it
    ids        the ids of elements seen so far
    asked      what sure functions know of it (``validation.sure``), once one was called
    """

    __slots__ = ("_context", "asked", "bundle", "full_url", "ids", "resource", "root", "run", "spot")

    def __init__(
        self,
        run: Run,
        resource: dict[str, Any],
        spot: Spot,
        root: dict[str, Any] | None = None,
        bundle: "BundleIndex | None" = None,
        full_url: str | None = None,
    ) -> None:
        self.run = run
        self.resource = resource
        self.spot = spot
        self.root = resource if root is None else root
        self.bundle = bundle
        self.full_url = full_url
        self.ids: set[str] = set()
        self.asked: Any = None
        self._context: Context | None = None

    def beside(self, run: Run) -> "Scope":
        """The same place, for a run on the side."""
        return Scope(run, self.resource, self.spot, self.root, self.bundle, self.full_url)

    def tick(self, amount: int) -> None:
        """Count work of a rule that compares each with each."""
        if self.run.budget is not None:
            self.run.budget.spend(amount)

    @property
    def spend(self) -> Callable[[int], None] | None:
        """Counts work against the budget of the run; None where there is none."""
        return None if self.run.budget is None else self.run.budget.spend

    @property
    def context(self) -> Context:
        """What FHIRPath may ask about this resource."""
        if self._context is None:
            self.run.opened.append(self)
            self._context = self.run.engine.fhirpath_context(self)
        return self._context

    def close(self) -> None:
        """Forget what knows this scope."""
        self.asked = self._context = None
