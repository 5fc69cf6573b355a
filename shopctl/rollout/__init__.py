"""Rolling a release out: what the hosts say, what is to be done, what was measured."""
