"""The commands, and the wiring of all parts; the only place that knows every one of them."""
