"""Validation: samples people read, what they said, and how far a signal agrees with them."""
