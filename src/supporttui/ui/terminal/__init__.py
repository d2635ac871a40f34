"""Output to the terminal: sends the smallest difference between what it shows and what it should show."""
