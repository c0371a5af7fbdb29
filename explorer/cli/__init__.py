"""The command line: a file for each verb. It asks the rooms below it and prints; nothing imports it."""
