"""The wall: read-only, nothing to press but quit."""
