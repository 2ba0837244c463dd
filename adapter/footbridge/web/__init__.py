"""Footbridge over HTTP: the app factory, the API, and the server that runs them."""
