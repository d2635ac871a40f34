"""What makes the start fast: the first picture before Textual is loaded, saved styles, keys that are typed early."""
