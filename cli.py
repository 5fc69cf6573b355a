"""The `shopctl` command: puts the command groups together, nothing else.

Everything heavy (the engine, Ansible, rich, pydantic) is imported inside the commands, so that --help and
completion answer at once.
"""

import os
import signal
import sys
import traceback

import typer

from shopctl.commands import (
    deploy,
    destroy,
    doctor,
    graph,
    hosts,
    image,
    journal,
    load,
    logs,
    maintenance,
    options,
    outputs,
    purge,
    refresh,
    release,
    status,
    up,
)
from shopctl.commands.options import DebugOption, DryRunOption, EnvOption, JsonOption, YesOption
from shopctl.errors import ShopctlError, StoppedError

# Everything after the host belongs to the remote command, its options too.
PASS_ON = {"allow_interspersed_args": False}

app = typer.Typer(
    help="Provision, configure, run and recover the shop's server stack.",
    epilog="Exit codes: 0 done; 1 failed, found unhealthy, or answered no; 2 bad input, and nothing was touched; 3 "
    "another operation works on the environment; 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def common(
    env: EnvOption = None,
    json: JsonOption = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    debug: DebugOption = False,
) -> None:
    """Provision, configure, run and recover the shop's server stack."""
    options.GLOBALS = options.Globals(env=env, json=json, yes=yes, dry_run=dry_run, debug=debug)


app.command()(up.up)
app.command()(up.preview)
app.command()(deploy.deploy)
app.command()(deploy.rollback)
app.command()(purge.purge)
app.command()(destroy.destroy)
app.command()(refresh.refresh)
app.command()(status.status)
app.command()(graph.graph)
app.command()(load.load)
app.command()(journal.journal)
app.command()(journal.releases)
app.command()(outputs.outputs)
app.command()(hosts.hosts)
app.command(context_settings=PASS_ON)(hosts.ssh)
app.command(context_settings=PASS_ON)(hosts.run)
app.command()(logs.logs)
app.command()(doctor.doctor)
app.add_typer(image.app, name="image")
app.add_typer(release.app, name="release")
app.add_typer(maintenance.app, name="maintenance")


def main() -> None:
    """The console entry: runs the command; the one place where exceptions are caught."""
    # Stopped by the system or by Ctrl-C, an operation ends the same way: children, journal, lease.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except ShopctlError as error:
        _fail(error)
    except KeyboardInterrupt:
        _fail(
            StoppedError("interrupted", next_step="run the same command again: it goes on from what is there")
        )
    except BrokenPipeError:
        # Whoever read our output (`| head`) has seen enough. Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except Exception as error:  # noqa: BLE001 -- the last resort: nobody is shown a traceback unasked
        _fail(_unexpected(error))


def _fail(error: ShopctlError) -> None:
    if options.GLOBALS.debug:
        traceback.print_exc()
    if options.GLOBALS.json:
        import json

        print(json.dumps(error.as_json(), ensure_ascii=False))
    print(error.render(), file=sys.stderr)
    sys.exit(error.exit_code)


def _unexpected(error: Exception) -> ShopctlError:
    lines = str(error).splitlines() or [""]
    if type(error).__module__.split(".")[0] in {"infra", "region", "tools"}:
        # The errors of our other packages are written for people too; they just don't know of ShopctlError.
        return ShopctlError(lines[0], last_lines=lines[1:])
    if isinstance(error, OSError):
        from shopctl.drivers import hints

        if hint := hints.of_os_error(error):
            return ShopctlError(hint.what, where=error.filename, next_step=hint.next_step)
    return ShopctlError(
        f"unexpected {type(error).__name__}: {lines[0]}",
        last_lines=lines[1:],
        next_step="run the command again with --debug for the traceback",
    )


if __name__ == "__main__":
    main()
