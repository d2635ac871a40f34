"""What is kept on this machine: the cache, which may be thrown away, and the outbox, which may not."""
