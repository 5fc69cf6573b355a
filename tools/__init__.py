"""Pinned builds of the programs that Debian lacks, and the bootstrap.

Standard library only: it runs before the virtualenv exists.
"""
