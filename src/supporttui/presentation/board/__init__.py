"""What the board shows: rows, panes, the header, and how fresh it is."""
