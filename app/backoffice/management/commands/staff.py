"""`manage.py staff roles | create NAME --role ROLE | dismiss NAME`."""

import os
import secrets
import sys
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice import roles

VARIABLE = "STAFF_PASSWORD"


class Command(BaseCommand):
    """The staff's accounts. Run it with an account that may write Django's own tables, as `migrate`."""

    help = "the merchants' accounts in the admin"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser(
            "roles", help="give the groups their permissions; changes nothing when they have them"
        )
        create = actions.add_parser("create", help="make an account, or give it another role and password")
        create.add_argument("name")
        create.add_argument("--role", required=True, choices=sorted(roles.ROLES))
        create.add_argument(
            "--password-stdin",
            action="store_true",
            help=f"read the password's line from stdin; else it is ${VARIABLE}, or made and printed once",
        )
        dismiss = actions.add_parser("dismiss", help="end an account")
        dismiss.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command. The roles print `changed=N`."""
        if options["action"] == "dismiss":
            if not roles.dismiss(name=options["name"]):
                raise CommandError(f"there is no account {options['name']}")
            self.stdout.write(f"{options['name']} can't log in any more")
            return
        changed = roles.establish()
        if options["action"] == "roles":
            self.stdout.write(f"changed={changed}")
            return
        password, made = _password(from_stdin=options["password_stdin"])
        _check(options["name"], password)
        roles.employ(name=options["name"], role=options["role"], password=password)
        self.stdout.write(f"{options['name']} is {options['role']}")
        if made:
            self.stdout.write(f"password (shown once): {password}")


def _password(*, from_stdin: bool) -> tuple[str, bool]:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n"), False
    given = os.environ.get(VARIABLE, "")
    return (given, False) if given else (secrets.token_urlsafe(15), True)


def _check(name: str, password: str) -> None:
    try:
        User.username_validator(name)
        validate_password(password, User(username=name))
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
