"""Doubles, desks, terminals, faults and clocks for the tests."""
