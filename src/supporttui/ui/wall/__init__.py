"""The wall: a read-only board, on which the only key is quit."""
