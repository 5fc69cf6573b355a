#!/usr/bin/env python3
"""Run one of the shop's management commands."""

import importlib
import os
import sys

from shop.environment import EnvironmentVariablesError


def main() -> None:
    """Check the settings first, so that a bad environment is one message and not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    # A command may be about any table, in whichever group's container it is run.
    if sys.argv[1:2] != ["worker"]:
        os.environ["SHOP_APPLICATIONS"] = "all"
    try:
        importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except EnvironmentVariablesError as error:
        sys.exit(f"error: {error}")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
