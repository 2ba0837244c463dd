"""Codes: the shipped tables, the defaults chosen from them, and the checks of what callers send.

Everything reads the data folder `terminology/` alone, when it is first asked for.
"""

from footbridge.terminology.codesystems import (
    code_systems,
    concept,
    designation,
    own_code_system,
    sdohcc_system,
    since,
)
from footbridge.terminology.crosswalk import (
    CategoryMatch,
    KindMatch,
    categories_of_211,
    category_of_barrier,
    category_of_support,
    is_population,
)
from footbridge.terminology.defaults import (
    DefaultCode,
    DefaultRole,
    default_code,
    display,
    nearest_category,
)
from footbridge.terminology.rows import (
    SNOMED,
    TAXONOMY_211,
    Category,
    CodeRow,
    Jurisdiction,
    Kind,
    Role,
    System,
    categories,
    category,
    code_rows,
    system,
    systems,
)

__all__ = [
    "SNOMED",
    "TAXONOMY_211",
    "Category",
    "CategoryMatch",
    "CodeRow",
    "DefaultCode",
    "DefaultRole",
    "Jurisdiction",
    "Kind",
    "KindMatch",
    "Role",
    "System",
    "categories",
    "categories_of_211",
    "category",
    "category_of_barrier",
    "category_of_support",
    "code_rows",
    "code_systems",
    "concept",
    "default_code",
    "designation",
    "display",
    "is_population",
    "nearest_category",
    "own_code_system",
    "sdohcc_system",
    "since",
    "system",
    "systems",
]
