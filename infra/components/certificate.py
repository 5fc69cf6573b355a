"""The shop's certificate, for the balancer and the CDN."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component


@dataclass(frozen=True)
class CertificateArgs:
    """A PEM chain and its key."""

    common: Common
    chain: str
    key: pulumi.Output[str]


class Certificate(Component):
    """Replaced as a new certificate first, so that the listener never stands without one."""

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        certificate = tencentcloud.ssl.Certificate(
            self.child_name("server"),
            name=args.common.named("server"),
            type="SVR",
            # The cloud refuses a text with a newline at either end, and every tool writes one.
            cert=args.chain.strip(),
            key=args.key.apply(str.strip),
            tags=args.common.tags,
            opts=self.child(),
        )
        self.certificate_id: pulumi.Output[str] = certificate.id
        self.register_outputs({"certificateId": self.certificate_id})
