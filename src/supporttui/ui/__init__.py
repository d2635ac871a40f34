"""The Textual application; it draws from the store and asks the engine."""
