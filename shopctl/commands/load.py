"""shopctl load."""

from typing import TYPE_CHECKING, Annotated

import typer

from shopctl.commands import options, output
from shopctl.commands.options import DebugOption, EnvOption, JsonOption
from shopctl.errors import FAILED, INTERRUPTED

if TYPE_CHECKING:
    from shopctl.shopper.evidence import Verdict
    from shopctl.shopper.session import LoadReport


def load(
    shoppers: Annotated[int, typer.Option(help="How many shoppers at once.", min=1, max=2000)] = 20,
    seconds: Annotated[str, typer.Option("--for", help="How long: 60s, 5m, 1h.", metavar="TIME")] = "60s",
    rate: Annotated[
        float | None,
        typer.Option(
            help="Journeys that begin per second, all shoppers together; when left out, each begins its next at once.",
            show_default=False,
        ),
    ] = None,
    journey: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this journey: browse, find, buy, order, hesitate, refund, receive, flash, service. "
            "Can be given several times.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    weather: Annotated[
        str,
        typer.Option(
            help="What WeChat's sandbox does with notifications: calm, rough (late, doubled, disordered, lost), or "
            "e.g. duplicate=0.2,late_seconds=5.",
            metavar="KIND",
        ),
    ] = "rough",
    browse_only: Annotated[
        bool, typer.Option("--browse-only", help="Look around and buy nothing; works anywhere.")
    ] = False,
    check: Annotated[
        str | None,
        typer.Option(
            help="No shoppers: hold the ledger of this load against the shop once more.",
            metavar="LOAD",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="A number: loads with the same one make the same choices.", show_default=False),
    ] = None,
    env: EnvOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Send synthetic shoppers, then hold the shop to everything that it acknowledged; exit 1 when it fell short."""
    from shopctl import load as operation
    from shopctl.shopper import journeys
    from shopctl.shopper import weather as sky
    from shopctl.shopper.session import SETTLE_SECONDS, Wish

    options.begin(debug, json)
    environment, report = options.environment(env), options.reporter(json)
    if check:
        verdict = operation.recheck(environment, report, check, seconds=SETTLE_SECONDS)
        if options.machine(json):
            output.print_json(verdict.as_json())
        else:
            output.styled(_verdict(verdict))
        raise typer.Exit(0 if verdict.clean else FAILED)
    wish = Wish(
        shoppers=shoppers,
        rate=rate,
        weights=journeys.chosen(journeys.HARMLESS if browse_only else tuple(journey or ())),
        weather={} if browse_only else sky.parse(weather),
        seed=seed,
    )
    done = operation.run(environment, report, wish, operation.duration(seconds))
    if options.machine(json):
        output.print_json(done.as_json())
    else:
        _show(done)
    if done.interrupted or not done.good:
        raise typer.Exit(INTERRUPTED if done.good else FAILED)


def _show(done: "LoadReport") -> None:
    figures = done.figures
    rows = [
        (s.name, str(s.count), *(f"{ms:.1f}" for ms in (s.p50_ms, s.p95_ms, s.p99_ms)), str(s.errors or ""))
        for s in figures.steps
    ]
    styles = ["red" if step.errors else "" for step in figures.steps]
    output.table(("step", "requests", "p50 ms", "p95 ms", "p99 ms", "errors"), rows, styles)
    journeys = sum(figures.journeys.values())
    lines = [
        ("", ""),
        (
            f"{done.shoppers} shoppers, {done.seconds:.0f} s: {figures.requests} requests ({done.rate:.1f}/s), "
            f"{journeys} journeys ({journeys / done.seconds:.1f}/s), {figures.repeats} sent again",
            "",
        ),
        *((f"  refused {count} x {code}", "dim") for code, count in sorted(figures.refusals.items())),
        *((f"  error {count} x {code}", "red") for code, count in sorted(figures.errors.items())),
        *((f"    {trouble}", "red") for trouble in done.troubles[:10]),
        *(_verdict(done.verdict) if done.verdict else [("nothing was bought: nothing to check", "dim")]),
        (f"ledger: {done.ledger}", "dim"),
    ]
    output.styled(lines)


def _verdict(verdict: "Verdict") -> list[tuple[str, str]]:
    money = (
        f"{verdict.orders} orders; {verdict.paid} paid, {verdict.paid_fen / 100:.2f} yuan; "
        f"{verdict.refunds} refunds, {verdict.refunded_fen / 100:.2f} yuan; {verdict.resolved_doubts} doubts resolved"
    )
    recovery = (
        f"RPO {verdict.lost_orders} lost orders over {verdict.lost_span_seconds:.1f} s; "
        f"RTO {verdict.longest_gap_seconds:.1f} s without an acknowledgement"
    )
    findings = [
        (
            f"  {found.kind}: {found.text}" + (f"  [{', '.join(found.orders[:5])}]" if found.orders else ""),
            "red",
        )
        for found in verdict.findings
    ]
    word = (
        ("checker: clean", "bold green")
        if verdict.clean
        else (f"checker: {len(findings)} findings", "bold red")
    )
    return [(money, ""), (recovery, ""), *findings, word]
