"""Ansible's output as one JSON object a line, for shopctl to show progress and to explain failures."""

import json
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: shopctl_events
type: stdout
short_description: one JSON object per event
description: Written for shopctl, which reads it from ansible-playbook's standard output.
"""
_DEBUG = "ansible.builtin.debug"


class CallbackModule(CallbackBase):
    """Tells of plays, tasks, results and the recap."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "shopctl_events"

    def _tell(self, event: str, **data: Any) -> None:
        print(json.dumps({"shopctl": event, **data}, default=str), flush=True)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._tell("play", name=play.get_name().strip())

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._tell("task", name=task.get_name().strip())

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self._tell("task", name=task.get_name().strip())

    def v2_runner_on_ok(self, result: Any) -> None:
        # A debug task is a playbook's way to give an answer.
        answer = {"answer": result._result.get("msg")} if result._task.action == _DEBUG else {}
        self._result("ok", result, changed=bool(result._result.get("changed")), **answer)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            self._result("failed", result, message=self._explain(result))

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._result("unreachable", result, message=self._explain(result))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        hosts = {host: stats.summarize(host) for host in sorted(stats.processed)}
        self._tell("recap", hosts=hosts)

    def _result(self, outcome: str, result: Any, **data: Any) -> None:
        self._tell(outcome, host=result._host.get_name(), task=result._task.get_name().strip(), **data)

    def _explain(self, result: Any) -> list[str]:
        content = result._result
        # no_log already emptied what must not be seen.
        failed = [
            item for item in content.get("results", ()) if isinstance(item, dict) and item.get("failed")
        ]
        lines: list[str] = []
        for part in failed or [content]:
            if "item" in part and failed:
                lines.append(f"item: {part['item']}")
            for key in ("msg", "stderr", "stdout", "module_stderr", "module_stdout", "reason"):
                text = str(part.get(key) or "").strip()
                if text:
                    lines.extend(text.splitlines()[-15:])
        return lines
