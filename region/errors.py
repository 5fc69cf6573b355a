"""What the region raises."""


class RegionError(Exception):
    """A thing of the region could not be made, changed or reached; the message says which, and why."""


class ProcessError(RegionError):
    """A process ended with an unexpected exit code."""

    def __init__(self, argv: list[str], returncode: int, output: str) -> None:
        tail = "\n".join(output.strip().splitlines()[-15:])
        super().__init__(f"exit code {returncode} of: {' '.join(argv)}\n{tail}")
        self.argv = argv
        self.returncode = returncode
        self.output = output
