"""Attachments whose stated size is not that of their data (rule attachment.size)."""

import re
from dataclasses import dataclass

from footbridge.validation.engine.plan import NONE, Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding


@dataclass(frozen=True, slots=True)
class AttachmentSize:
    """``size`` is the number of bytes before they became base64."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Compare size and data."""
        data, size = spot.value.get("data"), spot.value.get("size")
        if data.__class__ is not str or size.__class__ is not int:
            return NONE
        bare = re.sub(r"\s", "", data)
        if len(bare) * 3 // 4 - bare[-2:].count("=") == size:
            return NONE
        return finding(
            "attachment.size", spot, "The size is not the number of bytes of the data.", code="value",
            spec="datatypes.html#attachment",
        )  # fmt: skip
