"""What keeps both ends in step: messages owed and received, work that falls due, and the worker that does it."""
