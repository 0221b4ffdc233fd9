"""Loaded by stock Schemathesis: it has no setting for HTTP Digest."""

import os

import schemathesis
from requests.auth import HTTPDigestAuth

schemathesis.auth.set_from_requests(HTTPDigestAuth(os.environ["DIGEST_USER"], os.environ["DIGEST_PASSWORD"]))
