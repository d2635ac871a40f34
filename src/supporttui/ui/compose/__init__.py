"""Writing replies and notes on a ticket, and the form for a new one."""
