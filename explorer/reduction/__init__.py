"""What searches may leave out, as plain masks and tables: each can be switched off."""
