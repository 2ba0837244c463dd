"""What ``footbridge validate`` tells beside its report: hints at the option or command that helps, and why it fails."""

from collections.abc import Iterable, Iterator

from footbridge.i18n.eager import _, _n
from footbridge.validation.bulk import Checked
from footbridge.validation.reports.shape import Shape

EXAMPLE_URL = "uri.example"
UNKNOWN_PROFILE = "profile.unknown"


class Seen:
    """Looks at the results on their way to the report."""

    def __init__(self, shape: Shape) -> None:
        self.failed = False
        self._shape = shape
        self._valid = True
        self._counts = {"warning": 0, "unchecked": 0}
        self._example_urls = 0
        self._profiles: dict[str, None] = {}
        self._prescriptions: list[str] = []

    def noted(self, results: Iterable[Checked]) -> Iterator[Checked]:
        """The results unchanged."""
        for checked in results:
            self._note(checked)
            yield checked

    def hints(self) -> Iterator[str]:
        """Sentences for standard error, in the order of their weight."""
        for name in self._prescriptions[:1]:
            others = len(self._prescriptions) - 1
            yield _(
                "Hint: {name}{more} looks like a prescription, not a FHIR resource: `footbridge map FILE` makes FHIR "
                "of it.",
                name=name,
                more=_(" (and {count} more)", count=others) if others else "",
            )
        if self._example_urls:
            yield _n(
                "Hint: {count} example URL is refused; --allow-example-urls accepts example.org and its like.",
                "Hint: {count} example URLs are refused; --allow-example-urls accepts example.org and its like.",
                self._example_urls,
            )
        for why in self._profiles:
            yield (
                _(
                    "Hint: nothing was checked against {why}; --package or --definitions loads it, and "
                    "--fail-on unchecked makes such a gap fail.",
                    why=why,
                )
            )
        if self.failed and self._valid:
            counted = (name for name in ("warning", "unchecked") if name in self._shape.fail_on and self._counts[name])
            causes = [_cause(name, self._counts[name]) for name in counted]
            yield _("Failed by --fail-on: {causes}.", causes=", ".join(causes))

    def _note(self, checked: Checked) -> None:
        outcome = checked.outcome
        self.failed = self.failed or self._shape.fails(checked)
        self._valid = self._valid and outcome.valid
        for issue in outcome.issues:
            self._counts["warning"] += issue.severity == "warning"
            self._example_urls += issue.rule == EXAMPLE_URL
        self._counts["unchecked"] += len(outcome.unchecked)
        if checked.is_prescription:
            self._prescriptions.append(checked.source)
        if outcome.unchecked and "unchecked" not in self._shape.fail_on and len(self._profiles) < MOST:
            lost = (row.why for row in outcome.unchecked if row.rule == UNKNOWN_PROFILE and row.why.endswith(_LOST))
            self._profiles |= dict.fromkeys(why.removesuffix(_LOST) for why in lost)


MOST = 3  # profiles that are named
_LOST = " is not loaded"


def _cause(name: str, count: int) -> str:
    if name == "warning":
        return _n("{count} warning", "{count} warnings", count)
    return _n("{count} rule not checked", "{count} rules not checked", count)
