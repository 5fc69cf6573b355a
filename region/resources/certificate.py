"""Certificates of the SSL service: kept for balancers and CDN domains, after the key was found to fit."""

import time

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from region import schema
from region.resources.base import Properties, Resource, computed

COMPUTED = ("beginTime", "endTime", "createTime", "domain", "subjectNames", "productZhName", "status")
FORM = "%Y-%m-%d %H:%M:%S"
VALID, EXPIRED = 1, 3
"""States of a certificate (https://cloud.tencent.com/document/api/400/41679)."""
TYPE = "tencentcloud:Ssl/certificate:Certificate"


class Certificate(Resource):
    """A certificate with its key, for balancers and CDN domains that name it.

    Equal: a key that doesn't fit is refused; what it says of itself (domains, times) is in the outputs; one whose time
    is over has the status 3 (expired). Another text is another certificate: listeners and domains are led to it before
    the old one goes, and no connection is cut. Its `name` and `tags` change in place.

    Differs: nothing is bought or issued here (`projectId` is kept on record). Copies are laid on each balancer and
    edge, and it is there that one which was changed by hand is seen.
    """

    type = TYPE
    prefix = "cert"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        cert, key = inputs.get("cert"), inputs.get("key")
        if schema.UNKNOWN in (cert, key) or not cert:
            return []
        try:
            certificate = x509.load_pem_x509_certificate(str(cert).encode())
            if (
                key
                and serialization.load_pem_private_key(str(key).encode(), None).public_key()
                != certificate.public_key()
            ):
                return [("key", "does not belong to the certificate")]
        except (ValueError, TypeError) as error:
            return [("cert", f"and key have to be PEM: {error}")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        certificate = x509.load_pem_x509_certificate(inputs["cert"].encode())
        try:
            extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
            names = extension.value.get_values_for_type(x509.DNSName)
        except x509.ExtensionNotFound:
            # A CA's, whose clients a listener lets in, has no domain.
            names = []
        return {
            "beginTime": certificate.not_valid_before_utc.strftime(FORM),
            "endTime": certificate.not_valid_after_utc.strftime(FORM),
            "createTime": certificate.not_valid_before_utc.strftime(FORM),
            "domain": names[0] if names else "",
            "subjectNames": names,
            "productZhName": "",
            "status": VALID,
        }

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        over = outputs["endTime"] < time.strftime(FORM, time.gmtime())
        return {**outputs, "status": EXPIRED if over else VALID}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, *COMPUTED)

    def delete(self, id_: str, outputs: Properties) -> None:
        """Listeners and domains hold copies of their own."""


RESOURCES = (Certificate,)
