"""The workflow of a referral: intake, events, routing, delivery, what partners report, follow-up."""
