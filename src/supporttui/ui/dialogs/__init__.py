"""Dialogs that ask for one value or list something."""
