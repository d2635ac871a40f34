"""Text and layout of the interface as plain values, without a toolkit: for the screens, the commands and the wall."""
