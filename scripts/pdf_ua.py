"""Has veraPDF judge our letters against PDF/UA-1, and stores the verdict in ``profiles/pdf-ua.json``.

Run ``python scripts/pdf_ua.py`` after a change of the letters. It needs Java and Maven, and loads veraPDF from Maven's
central repository into Maven's own cache (https://docs.verapdf.org/cli/). Without ``--write`` it prints the verdict.
"""

import argparse
import json
import subprocess
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import weasyprint
from lxml import etree

from footbridge.i18n import LANGUAGES, Language
from footbridge.letters.own_copy import Where, own_copy
from footbridge.letters.pdf import pdf_of
from footbridge.letters.service_letter import About, message_letter, service_letter, withdrawn_letter
from footbridge.letters.values import Reply
from footbridge.model.prescription import Prescription

ROOT = Path(__file__).resolve().parents[1]
VERDICT = ROOT / "profiles" / "pdf-ua.json"
VERAPDF = "1.28.2"
MAIN = "org.verapdf.apps.GreenfieldCliWrapper"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>org.footbridge</groupId><artifactId>pdf-ua</artifactId><version>1</version><dependencies><dependency>
<groupId>org.verapdf.apps</groupId><artifactId>greenfield-apps</artifactId><version>{VERAPDF}</version>
</dependency></dependencies></project>
"""
EXAMPLES = ("01-good-food-box", "02-bereavement-network", "11-do-not-phone")
ZONE = ZoneInfo("America/Toronto")


def write_letters(folder: Path) -> list[Path]:
    """Every kind of letter, in both languages, and one that is cut to fit."""
    made: dict[str, bytes] = {}
    for language in LANGUAGES:
        for example in EXAMPLES:
            document = Prescription.model_validate_json((ROOT / "examples" / f"{example}.json").read_bytes())
            made |= {f"{example}-{kind}-{language}": pdf for kind, pdf in _kinds(document, language).items()}
    paths = [folder / f"{name}.pdf" for name in made]
    for path, content in zip(paths, made.values(), strict=True):
        path.write_bytes(content)
    return paths


def _kinds(document: Prescription, language: Language) -> dict[str, bytes]:
    about = About("North End Hub", datetime(2026, 11, 7, 15, tzinfo=UTC), date(2026, 11, 21), ZONE)
    reply = Reply("https://care.example/portal/reply/K7M4-9QXB-2T6P", "ABCD-2345", "2027-02-05")
    long = document.model_copy(
        update={"needs": tuple(one.model_copy(update={"statement": "Long. " * 900}) for one in document.needs)}
    )
    return {
        "service": pdf_of(service_letter(document, about, language), reply),
        "service-long": pdf_of(service_letter(long, about, language), reply),
        "withdrawn": pdf_of(withdrawn_letter(document, about, language)),
        "message": pdf_of(message_letter(document, about, "Is there room in January?", language)),
        "copy": pdf_of(own_copy(document, Where("North End Hub"), ZONE, language)),
    }


def judge(folder: Path, letters: list[Path]) -> list[dict[str, Any]]:
    """What veraPDF says of each: whether it conforms, how many rules it looked at, and which it breaks."""
    (folder / "pom.xml").write_text(POM, encoding="utf-8")
    run = ["mvn", "-q", "-B", "-f", str(folder / "pom.xml")]
    paths = folder / "classpath.txt"
    subprocess.run([*run, "dependency:build-classpath", f"-Dmdep.outputFile={paths}"], check=True)
    command = ["java", "-cp", paths.read_text(encoding="utf-8").strip(), MAIN, "--flavour", "ua1", "--format", "xml"]
    done = subprocess.run([*command, *map(str, letters)], stdout=subprocess.PIPE, check=False)
    return [_verdict(job) for job in etree.fromstring(done.stdout).iter("job")]


def _verdict(job: etree._Element) -> dict[str, Any]:
    (report,) = job.iter("validationReport")
    (details,) = report.iter("details")
    broken = [
        f"{one.get('clause')}-{one.get('testNumber')}" for one in report.iter("rule") if one.get("status") == "failed"
    ]
    name = job.findtext("item/name") or ""
    return {
        "letter": Path(name).stem,
        "conforms": report.get("isCompliant") == "true",
        "passedRules": int(details.get("passedRules", "0")),
        "brokenRules": broken,
    }


def main() -> None:
    """Judge, and print or store."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="store the verdict in profiles/pdf-ua.json")
    with tempfile.TemporaryDirectory() as place:
        verdicts = judge(Path(place), write_letters(Path(place)))
    found = {
        "about": "What veraPDF says of the letters of Footbridge, against PDF/UA-1; made by scripts/pdf_ua.py.",
        "source": "https://docs.verapdf.org/; ISO 14289-1: https://pdfa.org/resource/iso-14289-pdfua/",
        "profile": "PDF/UA-1",
        "verapdf": VERAPDF,
        "weasyprint": weasyprint.__version__,
        "letters": sorted(verdicts, key=lambda one: str(one["letter"])),
    }
    text = json.dumps(found, indent=2) + "\n"
    if parser.parse_args().write:
        VERDICT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
