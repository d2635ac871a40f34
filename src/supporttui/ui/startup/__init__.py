"""A fast start: the first picture before Textual is imported, precomputed styles, and early keys."""
