"""Print the API's OpenAPI document, of all process groups together."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from ninja.openapi.schema import get_schema

from core.routes import build
from shop.groups import ALL


def document() -> str:
    """The document as JSON, with keys in one order, so that it only changes when the API does."""
    schema = get_schema(build(ALL), path_prefix="/api/v1/")
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n"


class Command(BaseCommand):
    """Prints the document, or writes it to a file."""

    help = "print the OpenAPI document"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument(
            "--write", metavar="PATH", type=Path, help="write it there instead of printing it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        if options["write"] is None:
            self.stdout.write(document(), ending="")
        else:
            options["write"].write_text(document(), encoding="utf-8")
