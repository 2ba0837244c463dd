"""The domain with no I/O: the prescription, the referral's lifecycle, issues, time."""
