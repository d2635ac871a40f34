"""Dialogs that ask one thing or list something."""
