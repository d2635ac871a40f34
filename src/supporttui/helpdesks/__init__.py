"""Help desks behind one protocol, one folder each; the only code that uses the network."""
