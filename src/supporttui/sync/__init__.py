"""The engine that pulls from the help desk and pushes to it, on its own thread and event loop."""
