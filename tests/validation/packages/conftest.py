"""Makes small package archives."""

import io
import json
import tarfile
from collections.abc import Callable, Mapping

import pytest

Archive = Callable[..., bytes]


@pytest.fixture
def archive() -> Archive:
    """A function that makes a .tgz of (resources by file name), with any further members as given."""

    def make(
        files: Mapping[str, object], *, name: str = "test.guide", version: str = "1.0.0", dependencies: object = None,
        members: tuple[tarfile.TarInfo, ...] = (),
    ) -> bytes:  # fmt: skip
        manifest = {"name": name, "version": version, "dependencies": dependencies or {}}
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as tar:
            for file, content in {"package/package.json": manifest, **files}.items():
                data = json.dumps(content).encode()
                info = tarfile.TarInfo(file)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
            for member in members:
                tar.addfile(member)
        return out.getvalue()

    return make
