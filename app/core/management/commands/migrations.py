"""`manage.py migrations --phase pre|post|all [--check]`, `manage.py migrations --list`."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import migrating


class Command(BaseCommand):
    """Applies the migrations of one phase, with an account that may change tables. Prints `changed=N`."""

    # The tests make them; here they only take time.
    requires_system_checks: list[str] = []
    help = "apply the migrations that run before a deploy, or those that run after it"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which phase, or all as JSON."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--phase", choices=["pre", "post", "all"])
        what.add_argument("--list", action="store_true", help="tell of every migration and table, as JSON")
        parser.add_argument("--check", action="store_true", help="only tell what is pending")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        try:
            self._handle(options["phase"], check=options["check"])
        except migrating.MigrationsError as error:
            raise CommandError(str(error)) from error

    def _handle(self, phase: migrating.Phase | None, *, check: bool) -> None:
        if phase is None:
            known = [asdict(found) for found in migrating.listing()]
            self.stdout.write(json.dumps({"migrations": known, "rows": migrating.rows()}))
        elif check:
            pending = migrating.pending(phase)
            for name in pending:
                self.stdout.write(name)
            self.stdout.write(f"pending={len(pending)}")
        else:
            self.stdout.write(f"changed={migrating.apply(phase, self.stdout.write)}")
