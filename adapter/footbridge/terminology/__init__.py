"""Codes: the shipped tables, the defaults chosen from them, and the checks of what callers send.

Everything reads the data folder `terminology/` alone, when it is first asked for.
"""

from footbridge.terminology.check import check_coding, check_concept
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
from footbridge.terminology.loaded import Loaded
from footbridge.terminology.operations import (
    Expansion,
    Found,
    Translation,
    Validation,
    expand,
    lookup,
    translate,
    validate_code,
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
from footbridge.terminology.user_store import (
    LoadedResource,
    default_store,
    list_loaded,
    load_file,
    open_store,
)

__all__ = [
    "SNOMED",
    "TAXONOMY_211",
    "Category",
    "CategoryMatch",
    "CodeRow",
    "DefaultCode",
    "DefaultRole",
    "Expansion",
    "Found",
    "Jurisdiction",
    "Kind",
    "KindMatch",
    "Loaded",
    "LoadedResource",
    "Role",
    "System",
    "Translation",
    "Validation",
    "categories",
    "categories_of_211",
    "category",
    "category_of_barrier",
    "category_of_support",
    "check_coding",
    "check_concept",
    "code_rows",
    "code_systems",
    "concept",
    "default_code",
    "default_store",
    "designation",
    "display",
    "expand",
    "is_population",
    "list_loaded",
    "load_file",
    "lookup",
    "nearest_category",
    "open_store",
    "own_code_system",
    "sdohcc_system",
    "since",
    "system",
    "systems",
    "translate",
    "validate_code",
]
