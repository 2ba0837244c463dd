"""211 codes, their SDOH categories, and a guess from words where no code decides."""

from footbridge.directory.taxonomy.attributes import is_social_prescribing, target_populations
from footbridge.directory.taxonomy.categories import categories
from footbridge.directory.taxonomy.crosswalk import Crosswalk, Row, crosswalk
from footbridge.directory.taxonomy.findings import taxonomy_findings

__all__ = [
    "Crosswalk",
    "Row",
    "categories",
    "crosswalk",
    "is_social_prescribing",
    "target_populations",
    "taxonomy_findings",
]
