"""Secrets are read from where they are, and never more than a secret has."""

import os

import pytest

from footbridge.errors import ConfigurationError
from footbridge.store.credentials import MAX_BYTES, resolve_credential


@pytest.mark.parametrize("content", [b"token", b"token\n", b"token\r\n", b"\xef\xbb\xbftoken\n"])
def test_a_file_is_a_secret_without_its_line_end(tmp_path, content):
    (tmp_path / "token").write_bytes(content)
    (tmp_path / "link").symlink_to(tmp_path / "token")  # as Kubernetes mounts it
    assert resolve_credential(f"file:{tmp_path / 'link'}") == "token"


def test_a_file_of_the_largest_size_is_read_and_no_larger_one(tmp_path):
    (tmp_path / "token").write_bytes(b"x" * MAX_BYTES)
    assert len(resolve_credential(f"file:{tmp_path / 'token'}")) == MAX_BYTES
    (tmp_path / "token").write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(ConfigurationError, match="larger than"):
        resolve_credential(f"file:{tmp_path / 'token'}")


@pytest.mark.timeout(20)
def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path, "/dev/zero", tmp_path / "none", "a\x00b"):
        with pytest.raises(ConfigurationError):
            resolve_credential(f"file:{place}")


def test_what_is_not_text_is_refused_and_not_quoted(tmp_path):
    (tmp_path / "token").write_bytes(b"SECRET\xff")
    with pytest.raises(ConfigurationError) as refused:
        resolve_credential(f"file:{tmp_path / 'token'}")
    assert "SECRET" not in str(refused.value)
