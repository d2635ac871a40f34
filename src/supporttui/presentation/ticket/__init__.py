"""The ticket screen's contents and what is written there: conversation, facts, drafts and the new-ticket form."""
