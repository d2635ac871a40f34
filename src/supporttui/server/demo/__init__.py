"""Demonstration data: a believable support desk in a throw-away database, and what goes on there while one watches."""
