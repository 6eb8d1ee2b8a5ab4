"""Content Credentials (C2PA): a signed record inside a picture or a video that says that it was changed, and by what.

Needs the extra `facegpt[credentials]` (c2pa-python, MIT or Apache-2.0); without it files carry XMP alone
(provenance.py). Nothing is sent or fetched: no time stamp, no look-up of certificates. Each file is signed by a key of
its own, made for it and forgotten, so that readers can tell whether the record was tampered with, but not who signed,
nor that two pictures come from one machine: they call such a record valid and its signer unknown. Who has a
certificate names it: FACEGPT_C2PA_CERTIFICATE (a chain) and FACEGPT_C2PA_KEY (ES256), PEM files.
"""

from __future__ import annotations

import datetime
import io
import json
import logging
import os
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from facegpt.types import FaceGPTError

log = logging.getLogger("facegpt")

#: Environment variables of a certificate of one's own.
CERTIFICATE, KEY = "FACEGPT_C2PA_CERTIFICATE", "FACEGPT_C2PA_KEY"
#: How long a certificate that is made for one file lasts, days.
LASTS_DAYS = 3650
#: Nothing goes over a network, and no small copy of the picture is put into the record.
_SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}


def can_sign() -> bool:
    """Whether the library that signs is installed."""
    return find_spec("c2pa") is not None and find_spec("cryptography") is not None


def signed(data: bytes, kind: str, source_type: str) -> bytes:
    """A file with a signed record of what it is; as it is where the library is not installed.

    Args:
        data: the file.
        kind: its media type: image/png, image/jpeg or video/mp4.
        source_type: IPTC's digital source type, as an address.

    Raises:
        FaceGPTError: if the user's own certificate cannot be read or does not sign.
    """
    if not can_sign():
        return data
    out = io.BytesIO()
    return out.getvalue() if _sign(io.BytesIO(data), out, kind, source_type) else data


def sign_file(path: Path, kind: str, source_type: str) -> None:
    """Put a signed record into a file, as `signed` does; memory does not grow with the file."""
    if not can_sign():
        return
    whole = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.signed")
    try:
        with path.open("rb") as file, whole.open("w+b") as out:
            done = _sign(file, out, kind, source_type)
        if done:
            os.replace(whole, path)
    finally:
        whole.unlink(missing_ok=True)


def _sign(file: BinaryIO, out: BinaryIO, kind: str, source_type: str) -> bool:
    """Write a file with its record; whether that was done."""
    import c2pa

    own = os.environ.get(CERTIFICATE)
    chain, key = _own_certificate(own) if own else _made_for_one_file()
    signer = c2pa.C2paSignerInfo(alg=b"es256", sign_cert=chain, private_key=key, ta_url=None)
    try:
        with (
            c2pa.Context.from_dict(_SETTINGS) as context,
            c2pa.Signer.from_info(signer) as by,
            c2pa.Builder(json.dumps(_record(source_type)), context=context) as record,
        ):
            record.sign(by, kind, file, out)
    except c2pa.C2paError as error:
        if own:
            raise FaceGPTError(f"the certificate in {CERTIFICATE} does not sign: {error}") from None
        log.warning("the file is marked in its XMP alone; it could not be signed: %s", error)
        return False
    return True


def read_record(data: bytes, kind: str) -> dict[str, Any] | None:
    """The record of a file as the library reads it (`validation_state`, `manifests`); None where there is none."""
    import c2pa

    try:
        with c2pa.Context.from_dict(_SETTINGS) as context, c2pa.Reader(kind, io.BytesIO(data), context=context) as read:
            found: dict[str, Any] = json.loads(read.json())
    except c2pa.C2paError:
        return None
    return found


def _record(source_type: str) -> dict[str, Any]:
    made = {"action": "c2pa.created", "digitalSourceType": source_type}
    edited = {"action": "c2pa.edited", "description": "a face in a photo was changed"}
    actions = {"label": "c2pa.actions.v2", "data": {"actions": [made, edited]}}
    return {"claim_generator_info": [{"name": "FaceGPT"}], "assertions": [actions]}


def _own_certificate(chain: str) -> tuple[bytes, bytes]:
    try:
        return Path(chain).read_bytes(), Path(os.environ.get(KEY, "")).read_bytes()
    except OSError as error:
        raise FaceGPTError(f"{CERTIFICATE} and {KEY} name a chain and its key as PEM files: {error}") from None


def _made_for_one_file() -> tuple[bytes, bytes]:
    """A chain of two certificates and the key of the first, PEM: C2PA takes none that signs itself."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("FaceGPT, a key for one file", root_key.public_key(), root_key, root=True)
    leaf = _certificate("FaceGPT", key.public_key(), root_key, root=False)
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return leaf.public_bytes(pem) + root.public_bytes(pem), plain


def _certificate(subject: str, public: Any, signer: Any, root: bool) -> Any:
    """One certificate as C2PA's specification wants it (2.1, section 14.5)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(name: str) -> x509.Name:
        kinds = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        return x509.Name([x509.NameAttribute(kind, name) for kind in kinds])

    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    usage = x509.KeyUsage(not root, False, False, False, False, root, root, False, False)
    built = (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named("FaceGPT, a key for one file"))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + LASTS_DAYS * day)
        .add_extension(x509.BasicConstraints(root, None), True)
        .add_extension(usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    )
    if not root:
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
    return built.sign(signer, hashes.SHA256())
