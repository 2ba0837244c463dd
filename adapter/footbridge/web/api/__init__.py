"""``/api/v1``: one resource a file. The contract is ``docs/openapi.yaml``."""
