"""The one setting of the machine that hosts share: how many inotify instances root may have.

Each host's systemd takes about eight, all counted together (inotify(7)), and Linux's default of 128 is used up by some
fifteen hosts. It is raised when a region opens and set back when the last one goes.
"""

from pathlib import Path

from region.settings import REGIONS_ROOT

SETTING = Path("/proc/sys/fs/inotify/max_user_instances")
WANTED = 8192
BEFORE = REGIONS_ROOT.parent / "inotify-before"


def raise_limit() -> None:
    """Make room for a thousand hosts, and remember what was set."""
    now = int(SETTING.read_text())
    if now < WANTED:
        BEFORE.parent.mkdir(parents=True, exist_ok=True)
        BEFORE.write_text(str(now))
        SETTING.write_text(str(WANTED))


def restore_limit() -> None:
    """Set the machine's own limit again, unless somebody else has changed it since."""
    if BEFORE.exists():
        if int(SETTING.read_text()) == WANTED:
            SETTING.write_text(BEFORE.read_text())
        BEFORE.unlink()
