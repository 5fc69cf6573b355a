"""Certificates of the SSL service: kept for balancers and CDN domains, after the key was found to fit."""

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from region import schema
from region.resources.base import Properties, Resource, computed

COMPUTED = ("beginTime", "endTime", "createTime", "domain", "subjectNames", "productZhName", "status")
TYPE = "tencentcloud:Ssl/certificate:Certificate"


class Certificate(Resource):
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
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = extension.value.get_values_for_type(x509.DNSName)
        form = "%Y-%m-%d %H:%M:%S"
        return {
            "beginTime": certificate.not_valid_before_utc.strftime(form),
            "endTime": certificate.not_valid_after_utc.strftime(form),
            "createTime": certificate.not_valid_before_utc.strftime(form),
            "domain": names[0] if names else "",
            "subjectNames": names,
            "productZhName": "",
            "status": 1,
        }

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, *COMPUTED)

    def delete(self, id_: str, outputs: Properties) -> None:
        """Listeners and domains hold copies of their own."""


RESOURCES = (Certificate,)
