"""Status both ways by the ConceptMap ``mappings/ocean/status.json``; what a cell loses is its comment."""

import functools
from dataclasses import dataclass
from typing import Final

from footbridge.i18n import Text
from footbridge.partners.ocean.translate.tables import table

OURS: Final = "CodeSystem/referral-status"
TASK: Final = "CodeSystem/ocean-task-status"
FOLDER: Final = "CodeSystem/ocean-folder"
REQUEST: Final = "http://hl7.org/fhir/request-status"
LOSSY: Final = frozenset({"wider", "narrower", "relatedto", "inexact", "unmatched", "disjoint"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the map: the target's code, None where there is none; whether it loses something; and what."""

    code: str | None
    is_lossy: bool
    comment: str | None


def cell(source: str, target: str, code: str) -> Cell | None:
    """The cell for a code; None for a code that the map does not have."""
    return _cells().get((source, target, code))


def task_status(ours: str) -> str | None:
    """Ocean's Task.status for ours; None where nothing can be sent."""
    found = cell(OURS, TASK, ours)
    return found.code if found else None


def folder(ours: str) -> str | None:
    """Ocean's folder for a Task with our status."""
    found = cell(OURS, FOLDER, ours)
    return found.code if found else None


def folder_of_task(status: str) -> str | None:
    """Ocean's folder for one of its Task statuses."""
    found = cell(TASK, FOLDER, status)
    return found.code if found else None


def lost(ours: str) -> str | None:
    """What Ocean does not show of our status, in words; None where nothing is lost."""
    found = cell(OURS, FOLDER, ours)
    return Text(found.comment) if found and found.is_lossy and found.comment else None


def our_status(ocean_status: str) -> str | None:
    """Our Task.status for one of Ocean's; None for one that Ocean does not support."""
    found = cell(TASK, OURS, ocean_status)
    return found.code if found else None


def our_status_of_request(status: str) -> str | None:
    """Our Task.status that a ServiceRequest.status means; None for one that says nothing about it."""
    found = cell(REQUEST, OURS, status)
    return found.code if found else None


@functools.cache
def _cells() -> dict[tuple[str, str, str], Cell]:
    found = {}
    for group in table("status")["group"]:
        for element in group["element"]:
            target = element["target"][0]
            key = (group["source"], group["target"], element["code"])
            found[key] = Cell(target.get("code"), target["equivalence"] in LOSSY, target.get("comment"))
    return found
