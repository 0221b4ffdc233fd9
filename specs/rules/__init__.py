"""What lint looks for, a module a subject. A rule takes a file's name and its loaded spec and yields problems."""
