"""``/ocean``: where sites of Ocean get tokens and post their messages. Refusals are OperationOutcomes."""
