"""What each process group may do with the table of uploads."""

_READ = ("SELECT",)
_OWN = ("SELECT", "INSERT", "UPDATE")
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "service": {"uploads_upload": _OWN},
    # An avatar is an approved upload.
    "user": {"uploads_upload": _READ},
    "worker": {"uploads_upload": _OWN},
    "admin": {"uploads_upload": _OWN},
}
