"""The support desk's rules, pure: no input or output, and never asks the time."""
