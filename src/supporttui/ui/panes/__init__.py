"""The five status panes and the line above them, shared by the board and the wall."""
