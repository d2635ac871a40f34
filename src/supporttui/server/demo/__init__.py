"""Demonstration data: a realistic support desk in a temporary database, and its background activity."""
