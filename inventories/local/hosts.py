#!/usr/bin/env python3
"""Ansible's inventory of the environment that this folder is named after."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from stack_inventory import main  # noqa: E402 - found through the line above

sys.exit(main(HERE.name, sys.argv[1:]))
