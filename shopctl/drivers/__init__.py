"""The only place with subprocesses and sockets."""
