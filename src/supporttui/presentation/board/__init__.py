"""The contents of the board: rows, panes, the header, and the age of the data."""
