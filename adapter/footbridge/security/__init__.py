"""What may leave, and to whom."""
