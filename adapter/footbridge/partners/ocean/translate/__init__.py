"""From an Ocean message to a prescription, and from the referral's state to Ocean messages. No I/O."""

from footbridge.partners.ocean.translate.translation import translate
from footbridge.partners.ocean.translate.values import Around, Attachment, FoundConsent, FoundNeed, Translation

__all__ = ["Around", "Attachment", "FoundConsent", "FoundNeed", "Translation", "translate"]
