"""How strict a validation is. The defaults are those of the HL7 validator's command line, offline."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

BestPractice = Literal["ignore", "hint", "warning", "error"]
References = Literal["ignore", "exists", "type", "valid"]
Fetch = Callable[[str], dict[str, Any] | None]
PACKS = ("guide-intent", "terminology-hygiene")
"""The packs that we bring, by name; ``footbridge.validation.packs`` says what they are for."""


@dataclass(frozen=True, slots=True)
class Options:
    """The switches of a validation.

    allow_example_urls      accept ``example.org`` and its like in URLs
    unknown_extensions      accept extensions that no loaded package defines
    best_practice           severity of what is only good practice; ``ignore`` does not look at it
    references              what to do about references that lead outside of the document: ``ignore`` them, ask
                            ``fetch`` whether the target ``exists``, is of the right ``type``, or is ``valid``
    fetch                   a reference -> the resource, None when it is not to be had
    html_in_markdown        accept HTML tags in markdown
    security_checks         look for HTML tags in plain strings
    display_warnings        a wrong display of a known code is a warning, not an error
    allow_comments          accept comments in JSON
    max_issues              errors of a resource, and other findings, before an issue says that there are more
    max_depth               nesting of a resource that is still looked at
    show_values             tell values in messages: for local debugging alone
    packs                   rules beyond the profiles, by name: ``footbridge.validation.packs``; they only warn
    base_only               check against the base types of R4 alone: no claim of ``meta.profile``, no implied profile,
                            and no profile that the caller asks for
    assume_rest             take ``Type/id`` for a good reference with nobody asked, and believe the type that it tells
    """

    allow_example_urls: bool = False
    unknown_extensions: bool = False
    best_practice: BestPractice = "warning"
    references: References = "ignore"
    fetch: Fetch | None = None
    html_in_markdown: bool = True
    security_checks: bool = False
    display_warnings: bool = False
    allow_comments: bool = False
    max_issues: int = 1000
    max_depth: int = 100
    show_values: bool = False
    packs: frozenset[str] = frozenset(PACKS)
    assume_rest: bool = False
    base_only: bool = False


DEFAULTS = Options()
