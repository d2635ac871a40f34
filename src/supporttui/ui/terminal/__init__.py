"""What goes over the wire to the terminal: the smallest difference between what it shows and what it should show."""
