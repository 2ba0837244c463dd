"""Which addresses are used at all, and where a partner's links lead: for both parsers, nowhere but to its own server."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from footbridge.errors import ConfigurationError
from footbridge.partners.addresses import checked_base, is_below, is_forbidden, onward

BASE = "https://x.test/fhir/r4"
TASK = f"{BASE}/Task?page=2"


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("?page=2", TASK),
        ("Task?page=2", TASK),
        ("/Task?page=2", TASK),
        ("/fhir/r4/Task?page=2", TASK),
        (TASK, TASK),
        ("https://X.TEST:443/fhir/r4/Task?page=2#top", TASK),
        ("http://x.test/fhir/r4/Task?page=2", TASK),  # a server behind a proxy that ends TLS
        ("//x.test/fhir/r4/Task?page=2", TASK),
        (f"{BASE}?_getpages=1", f"{BASE}?_getpages=1"),
        ("https://x.test/other-tenant/Task?page=2", f"{BASE}/other-tenant/Task?page=2"),
        ("Task?name=é", f"{BASE}/Task?name=%C3%A9"),
    ],
)
def test_of_a_link_path_and_query_are_used_below_the_base_url(link: str, leads_to: str) -> None:
    assert onward(BASE, link, "Task") == leads_to


HOSTILE = [
    "https://evil.test/fhir/r4/Task?page=2",
    "http://evil.test/",
    "//evil.test/fhir/r4/Task",
    "///evil.test/Task",
    "https:///evil.test",
    "https:evil.test/Task",
    "https://evil.test\\@x.test/fhir/r4/Task",
    "https://x.test\\.evil.test/",
    "/\\evil.test/Task",
    "\\\\evil.test/Task",
    "/%5c@evil.test/Task",
    "https://x.test@evil.test/Task",
    "https://evil.test@x.test/Task",
    "https://user:secret@x.test/fhir/r4/Task",
    "https://x.test:8443/fhir/r4/Task",
    "http://x.test:8080/fhir/r4/Task",
    "https://x.test:80:443/",
    "https://x.test:port/",
    "https://x.test%00.evil.test/",
    "https://x.test%2eevil.test/",
    "https://x.test./fhir/r4/Task",
    "https://[x.test]/",
    "https://x。test/fhir/r4/Task",
    "ftp://x.test/fhir/r4/Task",
    "javascript:alert(1)",
    "Task?a b",
    " https://x.test/fhir/r4/Task",
    "https://x.test/fhir/r4/Task\t",
    "ht\ntps://evil.test/",
    "Task?page=2\r\nHost: evil.test",
    "Task\x00?page=2",
    "/fhir/r4/../../admin",
    "/fhir/r4/%2e%2e/admin",
    "/fhir/r4/%252e%252e/admin",
    "../admin",
    "/fhir/r4//evil.test/x",
]


@pytest.mark.parametrize("link", HOSTILE)
def test_a_link_that_could_lead_elsewhere_is_not_followed(link: str) -> None:
    assert onward(BASE, link, "Task") is None


PIECES = st.sampled_from(
    [
        "https:",
        "http:",
        "/",
        "//",
        "\\",
        "@",
        ":",
        "x.test",
        "evil.test",
        "/fhir/r4",
        "Task",
        "?",
        "#",
        "page=2",
        "..",
        "%2e",
        "%5c",
        "%00",
        " ",
        "\t",
        "\n",
        "[",
        "]",
        "443",
        "80",
        "é",
        "。",
        ";",
        "&",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=9).map("".join)))
def test_no_link_leads_out_of_the_base_url_for_either_parser(link: str) -> None:
    found = onward(BASE, link, "Task")
    if found is None:
        return
    for parts in (urlsplit(found), parse_url(found)):
        assert (parts.scheme, parts.hostname, parts.port or 443) == ("https", "x.test", 443)
        assert (parts.path or "").startswith("/fhir/r4")
    assert is_below(BASE, found)


@pytest.mark.parametrize("link", [one for one in HOSTILE if "://" in one and "x.test/fhir/r4/Task" not in one])
def test_another_server_is_no_url_of_this_one(link: str) -> None:
    assert not is_below(BASE, link)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "2852039166",
        "0xA9FEA9FE",
        "0251.0376.0251.0376",
        "169.254.43518",
        "169.254.0.1",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "::169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "metadata.google.internal",
        "Metadata.Google.Internal.",
        "100.100.100.200",
        "192.0.0.192",
        "0.0.0.0",
        "0",
        "::",
        "224.0.0.1",
        "ff02::1",
        "169.254.169.254.",
    ],
)
def test_no_partner_is_where_a_cloud_keeps_secrets(host: str) -> None:
    assert is_forbidden(host)
    address = f"[{host}]" if ":" in host else host
    with pytest.raises(ConfigurationError):
        checked_base(f"https://{address}/fhir", allow_http=True)


@pytest.mark.parametrize("host", ["x.test", "localhost", "127.0.0.1", "[::1]", "10.0.0.7", "192.168.1.2", "[fd00::7]"])
def test_loopback_and_private_networks_are_used(host: str) -> None:
    assert checked_base(f"https://{host}:8443/fhir/", allow_http=False) == f"https://{host}:8443/fhir"


@pytest.mark.parametrize(
    "url",
    [
        "https://x.test\\@evil.test/",
        "https://evil.test\\@x.test/",
        "https://x.test/ fhir",
        "https://x.test/fhir\n",
        "https://u:p@x.test/",
        "https://@x.test/",
        "https://x.test/fhir?",
        "https://x.test/#",
        "https://x.test/../y",
        "https://x.test:99999/",
        "https://x.test:0x50/",
        "https://x.test%2f.evil.test/",
        "//x.test/fhir",
        "https:x.test",
    ],
)
def test_an_operators_url_has_one_reading(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        checked_base(url, allow_http=True)
    assert "u:p" not in str(refused.value)


def test_a_name_that_leads_to_a_metadata_address_is_not_spoken_to(monkeypatch: Any) -> None:
    """A name is looked up when it is used: the address that was connected to is what counts."""
    from support.raw_server import raw_server

    import footbridge.partners.timed_http as timed
    from footbridge.errors import PartnerUnavailable
    from footbridge.partners.fhir.client import FhirClient

    with raw_server() as server:
        monkeypatch.setattr(timed, "is_forbidden", lambda host: host == "127.0.0.1")
        with pytest.raises(PartnerUnavailable):
            FhirClient(server.base_url.replace("127.0.0.1", "localhost"), token=lambda: "SECRET").read("Task", "t1")
        assert server.seen == []
