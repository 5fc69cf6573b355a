"""TCR: the registry that hosts pull the shop's releases from."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.settings import RegistrySettings

NAMESPACE = "shop"
REPOSITORY = "shop"


@dataclass(frozen=True)
class RegistryArgs:
    """What the registry is made from. `nat_address` is where the stack's own hosts come from; None where they have no
    way out."""

    common: Common
    settings: RegistrySettings
    nat_address: pulumi.Output[str] | None


class Registry(Component):
    """A TCR instance with the shop's one repository, closed to all but the stack's hosts and those who push.

    The public entrance is the only one: hosts come to it by their NAT gateway, as the tables that this program is held
    to know no entrance for a VPC."""

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        instance = tencentcloud.tcr.Instance(
            self.child_name("instance"),
            name=args.settings.name,
            instance_type=args.settings.type,
            open_public_operation=True,
            security_policies=_policies(args),
            # A stack that can be thrown away takes its images with it.
            delete_bucket=not args.common.protect,
            tags=args.common.tags,
            opts=self.keeper(args.common.protect, delete_first=True),
        )
        namespace = tencentcloud.tcr.Namespace(
            self.child_name("namespace"),
            instance_id=instance.id,
            name=NAMESPACE,
            is_public=False,
            opts=self.child(delete_first=True),
        )
        repository = tencentcloud.tcr.Repository(
            self.child_name("repository"),
            instance_id=instance.id,
            namespace_name=namespace.name,
            name=REPOSITORY,
            brief_desc="The shop's releases",
            opts=self.child(delete_first=True),
        )
        token = tencentcloud.tcr.Token(
            self.child_name("token"),
            instance_id=instance.id,
            description=f"Releases of the shop ({args.common.environment})",
            enable=True,
            opts=pulumi.ResourceOptions.merge(
                self.child(), pulumi.ResourceOptions(additional_secret_outputs=["token"])
            ),
        )
        self.host: pulumi.Output[str] = instance.public_domain
        self.repository: pulumi.Output[str] = pulumi.Output.concat(namespace.name, "/", repository.name)
        self.user: pulumi.Output[str] = token.user_name
        self.password: pulumi.Output[str] = pulumi.Output.secret(token.token)
        self.register_outputs({"host": self.host, "repository": self.repository})


def _policies(args: RegistryArgs) -> list[tencentcloud.tcr.InstanceSecurityPolicyArgs]:
    """Who may come: the hosts, then the clients of the settings."""
    policy = tencentcloud.tcr.InstanceSecurityPolicyArgs
    own = (
        []
        if args.nat_address is None
        else [
            policy(
                cidr_block=args.nat_address.apply(lambda address: f"{address}/32"),
                description="the stack's hosts",
            )
        ]
    )
    return own + [policy(cidr_block=str(client), description="clients") for client in args.settings.clients]
