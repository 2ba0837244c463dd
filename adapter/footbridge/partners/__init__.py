"""One folder a network: the client, the translation into our words, and the simulator of a partner's system."""
