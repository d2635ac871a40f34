"""A support team's tickets and their service clocks, in the terminal."""

__version__ = "0.1.0"
