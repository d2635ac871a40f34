"""What is said and shown, as plain values: used by the screens, the commands and the wall; no toolkit in here."""
