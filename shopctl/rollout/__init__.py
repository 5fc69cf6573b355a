"""Rolling a version out: what the hosts say, what is to be done, the commands that do it, and what was measured."""
