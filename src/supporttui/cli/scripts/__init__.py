"""The commands for scripts that read and change tickets."""
