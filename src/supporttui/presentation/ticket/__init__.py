"""What the ticket screen shows and what is written there: conversation, facts, drafts, the form."""
