"""`manage.py prepare`: everything that a release needs before the hosts get it, in one go."""

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import migrating
from shop.preparing import Wish, prepare

PASSWORD = "STAFF_PASSWORD"


class Command(BaseCommand):
    """Prints a line of JSON for each step, when it is done: `{"step", "changed", "details"}`.

    Run it with an account that may change tables. The SQL of the step `rights` is for a database administrator.
    """

    # The tests make them; here they only take time.
    requires_system_checks: list[str] = []
    help = (
        "migrate, compare the accounts' rights, publish static files, seed: before the hosts get this release"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which steps besides the migrations."""
        parser.add_argument(
            "--rights", action="store_true", help="compare with rows of what the accounts may do, on stdin"
        )
        parser.add_argument("--revoke", action="store_true", help="also take what is too much")
        parser.add_argument("--publish", action="store_true", help="upload static files and the web page")
        parser.add_argument("--demo", action="store_true", help="fill the shop with demo data")
        parser.add_argument(
            "--staff", default="", metavar="NAME", help=f"the admin's first account, with ${PASSWORD}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        password = os.environ.get(PASSWORD, "")
        if options["staff"] and not password:
            raise CommandError(f"--staff needs a password in ${PASSWORD}")
        wish = Wish(
            rights_now=tuple(line for line in sys.stdin if line.strip()) if options["rights"] else None,
            revoke=options["revoke"],
            publish=options["publish"],
            demo=options["demo"],
            staff=options["staff"],
            password=password,
        )
        try:
            for done in prepare(wish):
                self.stdout.write(json.dumps(asdict(done), ensure_ascii=False))
                self.stdout.flush()
        except migrating.MigrationsError as error:
            raise CommandError(str(error)) from error
