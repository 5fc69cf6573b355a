"""How WeChat refuses: one shape for each of its two families of interfaces."""

from typing import Any


class ApiError(Exception):
    """A refusal of api.weixin.qq.com: HTTP 200 with an `errcode` that is not 0."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode = errcode
        self.errmsg = errmsg

    def body(self) -> dict[str, Any]:
        """As WeChat writes it."""
        return {"errcode": self.errcode, "errmsg": self.errmsg}


class PayError(Exception):
    """A refusal of WeChat Pay v3: an HTTP status and `{"code", "message", "detail"?}`."""

    def __init__(self, status: int, code: str, message: str, detail: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail

    def body(self) -> dict[str, Any]:
        """As WeChat Pay writes it."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        return {**body, "detail": self.detail} if self.detail else body


class SandboxError(Exception):
    """What was asked of the sandbox itself can't be done."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def parameter(field: str, issue: str, value: object = None) -> PayError:
    """A field of a Pay v3 body is wrong; `field` is a JSON pointer."""
    detail = {"location": "body", "field": field, "value": value, "issue": issue}
    return PayError(400, "PARAM_ERROR", "参数错误", detail)
