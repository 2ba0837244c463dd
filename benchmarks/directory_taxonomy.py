"""How fast services get their categories, by code and by words.

    python -m benchmarks.directory_taxonomy [--count N]

The texts are composed: 300 characters in English or French, half with a sentence that denies something. Claim: 100,000
services without a code in 8 s of one processor, on a machine that does nothing else.
"""

import argparse
import itertools
import random
import time
from typing import Any

from footbridge.directory.taxonomy import categories

SENTENCES = (
    "Provides a weekly food pantry for residents of the district, no appointment necessary.",
    "Offers individual counselling, support groups and recreational activities to older adults.",
    "Helps tenants with rent arrears and applications for subsidized housing.",
    "Does not provide shelter or transportation. Refers to shelters of the region.",
    "Office hours are 9 am to 5 pm Monday to Friday; the building is wheelchair accessible.",
    "Aide à la recherche d'emploi, rédaction de CV et préparation aux entrevues.",
    "Distribution de denrées le jeudi; n'offre pas d'hébergement d'urgence.",
    "Visites d'amitié et transport médical pour les aînés qui vivent seuls.",
)


def services(count: int, *, coded: bool) -> list[dict[str, Any]]:
    """Services of about 300 characters, each with a name."""
    chance = random.Random(211)
    codes = itertools.cycle(("BD-1800.2000", "BH-3800.7000 * YB-8000", "ND-3500.3600"))
    found = []
    for number in range(count):
        text = " ".join(chance.sample(SENTENCES, 4))
        service: dict[str, Any] = {"name": f"Community service {number}", "description": text}
        if coded:
            service["attributes"] = [{"taxonomy_term": {"code": next(codes)}}]
        found.append(service)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000, help="services")
    count = parser.parse_args().count
    categories({"name": "warm"})
    for coded in (False, True):
        made = services(count, coded=coded)
        started = time.process_time()
        found = sum(bool(categories(service)) for service in made)
        seconds = time.process_time() - started
        kind = "by code" if coded else "by words"
        print(f"{count:,} services {kind}: {seconds:.1f} s of processor time, {found:,} with a category")


if __name__ == "__main__":
    main()
