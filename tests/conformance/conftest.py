"""The official HL7 validator as a fixture: every case of a session goes through it in as few calls as can be."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from footbridge.terminology import code_systems
from footbridge.uris import own_uri

Json = dict[str, Any]
# The validator's usual packages; the guide's version is added.
PACKAGES = (
    "hl7.terminology.r4#7.2.0",
    "hl7.fhir.uv.extensions.r4#5.2.0",
    "hl7.fhir.uv.extensions.r4#5.3.0",
    "us.nlm.vsac#0.24.0",
    "hl7.fhir.us.core#3.1.1",
    "hl7.fhir.us.core#6.1.0",
    "hl7.fhir.us.core#7.0.0",
    "hl7.fhir.uv.sdc#3.0.0",
    "hl7.fhir.uv.subscriptions-backport.r4#1.1.0",
    "hl7.fhir.us.davinci-hrex#1.2.0",
)


@dataclass(frozen=True)
class Verdict:
    """What the validator says of one case.

    Attributes:
        errors: issues of severity error or fatal.
        warnings: issues of severity warning.
    """

    name: str
    errors: list[Json]
    warnings: list[Json]


Judge = Callable[[Iterable[tuple[str, Json]], str], list[Verdict]]


@pytest.fixture(scope="session")
def oracle(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """Judges (name, resource) pairs against one version of the guide, with our own CodeSystems loaded."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: the HL7 validator cannot run")
    folder = tmp_path_factory.mktemp("oracle")
    own = folder / "own"
    own.mkdir()
    for url, resource in code_systems().items():
        if url.startswith(own_uri("")):
            name = url.rsplit("/", 1)[1]
            (own / f"CodeSystem-{name}.json").write_text(json.dumps(resource | {"id": name}))

    def judge(cases: Iterable[tuple[str, Json]], guide: str) -> list[Verdict]:
        sent, answered = folder / f"in-{guide}.ndjson", folder / f"out-{guide}.ndjson"
        with sent.open("w") as lines:
            for name, resource in cases:
                lines.write(json.dumps({"id": name, "resource": resource}) + "\n")
        packages = ",".join((*PACKAGES, f"hl7.fhir.us.sdoh-clinicalcare#{guide}", str(own)))
        command = [str(test_data / "oracle" / "run.sh"), str(sent), str(answered)]
        options = ["--threads=1", "--reuse", "--warnings", f"--igs={packages}"]
        subprocess.run([*command, *options], check=True, env={"JOPTS": "-Xmx3g", **os.environ}, capture_output=True)
        return list(_verdicts(answered))

    return judge


def _verdicts(path: Path) -> Iterator[Verdict]:
    for line in path.read_text().splitlines():
        found = json.loads(line)
        yield Verdict(found["id"], found["errors"], found.get("warns", []))
