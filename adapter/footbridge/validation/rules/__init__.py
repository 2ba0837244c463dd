"""The rules of the engine, one kind a file; ``catalog`` lists them."""
