"""`manage.py grants`: the SQL that gives each process group's account what it needs, and no more."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from shop import rights
from shop.groups import GROUPS


class Command(BaseCommand):
    """Reads what the accounts may do now from standard input; prints nothing where that is right already."""

    help = "Print the SQL that leads from the rights on standard input to those that the domains declare."

    def add_arguments(self, parser: CommandParser) -> None:
        """The accounts' names."""
        parser.add_argument("--prefix", default="shop_", help="what an account's name begins with")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the statements, one a line."""
        accounts = {group.name: f"{options['prefix']}{group.name}" for group in GROUPS}
        now = rights.observed(sys.stdin, {account: group for group, account in accounts.items()})
        for line in rights.statements(settings.SHOP.mysql.database, accounts, now, rights.wanted()):
            self.stdout.write(line)
