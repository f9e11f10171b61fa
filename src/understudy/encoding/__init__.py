"""Bytes to data and back, one file an encoding; ``registry`` knows their names. Pure."""
