"""Migrations of a release, played on a copy of the database before they are deployed.

`source` is where the copy comes from, `place` and `bench` where it is and who works there, `inside` what runs there;
`sizing` and `planning` say whether it can be done, `samples` and `verdict` what was seen and what that means.
"""

from shopctl.rehearse.operation import Rehearse, Summary

__all__ = ["Rehearse", "Summary"]
