"""Writes the compiled form of three profiles to tests/validation/engine/compiled, which a test compares with.

Run ``python scripts/compiled_profiles.py`` after a change of the compiler or of a rule, and look at what changed;
``--check`` only says whether the files are up to date (exit code 1 when not).
"""

import json
import sys
from pathlib import Path

from footbridge.validation import Validator
from footbridge.validation.compiled_json import compiled_json

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "validation" / "engine" / "compiled"
PROFILES = {
    "referral-task": "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForReferralManagement",
    "sdoh-condition": "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-Condition",
    "blood-pressure": "http://hl7.org/fhir/StructureDefinition/bp",
}


def files() -> dict[Path, str]:
    """Each file and what it should hold."""
    types = Validator().types
    return {
        FOLDER / f"{name}.json": json.dumps(compiled_json(types, url), indent=1, ensure_ascii=False) + "\n"
        for name, url in PROFILES.items()
    }


if __name__ == "__main__":
    from written import write_or_check

    sys.exit(write_or_check(files()))
