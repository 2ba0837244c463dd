"""SMART Backend Services over HTTP: our token endpoint, what a client has to know of it, and our own public keys."""
