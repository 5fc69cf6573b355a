"""What runs on a web host, as `python3 -c`: the switch is a file that Nginx looks for at each request.

The folder has the answer, which is the switch, and the page. The page comes first and goes last, and each by a rename,
so that a host shows all of it or nothing. It has nothing but the standard library there.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

ANSWER, PAGE = "answer.json", "page.html"


def look(folder: Path, host: str, *urls: str) -> object:
    """The answer that is there, and what Nginx says to each of these."""
    file = folder / ANSWER
    return {
        "answer": file.read_text("utf-8") if file.exists() else None,
        "asked": [ask(url, host) for url in urls],
    }


def ask(url: str, host: str) -> object:
    """Status, headers and the beginning of the body; status 0 where there is no answer."""
    request = urllib.request.Request(url, headers={"Host": host})
    try:
        answer = urllib.request.urlopen(request, timeout=8)
    except urllib.error.HTTPError as error:
        answer = error
    except OSError as error:
        return {"status": 0, "headers": {}, "body": str(error)}
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return {"status": answer.status, "headers": headers, "body": answer.read(2000).decode("utf-8", "replace")}


def show(folder: Path, answer: str, page: str, time: str) -> object:
    """Shows the page. `time`: what the files' own time is to be."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    for name, text in ((PAGE, page), (ANSWER, answer)):
        new = folder / f".{name}.new"
        with new.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        new.chmod(0o644)
        os.utime(new, (int(time), int(time)))
        new.replace(folder / name)
    settle(folder)
    return True


def hide(folder: Path) -> object:
    """Takes it away."""
    for name in (ANSWER, PAGE, f".{ANSWER}.new", f".{PAGE}.new"):
        (folder / name).unlink(missing_ok=True)
    if folder.exists():
        settle(folder)
    return True


def settle(folder: Path) -> None:
    """Has what was renamed or removed survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


COMMANDS: dict[str, Callable[..., object]] = {"look": look, "show": show, "hide": hide}

if __name__ == "__main__":
    name, where, *rest = sys.argv[1:]
    print(json.dumps(COMMANDS[name](Path(where), *rest)))
