"""The Textual application: draws from the store and hands changes to the engine."""
