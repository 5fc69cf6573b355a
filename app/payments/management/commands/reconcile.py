"""Compare a day's payments and refunds with WeChat's bill."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments import bills, reconciliation
from wechat import pay


class Command(BaseCommand):
    """Prints the sums and each difference; exit code 1 when there is one."""

    help = "compare a day's payments and refunds with WeChat's bill, to the fen"

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be said on the command line."""
        parser.add_argument("--date", type=date.fromisoformat, required=True, help="YYYY-MM-DD, Beijing time")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        try:
            found = reconciliation.check(day=options["date"])
        except (pay.PayError, bills.BillUnreadable) as error:
            raise CommandError(f"the bill of {options['date']} can't be compared: {error}") from error
        for difference in found.differences:
            self.stdout.write("{kind} {reference} ours={ours} theirs={theirs}".format(**difference))
        self.stdout.write(
            f"date={found.date} payments={found.payments} paid_fen={found.paid_fen} refunds={found.refunds} "
            f"refunded_fen={found.refunded_fen} differences={len(found.differences)}"
        )
        if found.differences:
            raise CommandError("the books differ from the bill")
