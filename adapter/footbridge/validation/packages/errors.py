"""What can go wrong with packages; each text says how to mend it."""

from footbridge.errors import ConfigurationError


class PackageError(ConfigurationError):
    """A package cannot be used: its archive, its index or a definition in it is not what FHIR says."""


class PackageNotFound(PackageError):  # noqa: N818 - reads as the state that it names
    """No such package here; the text says how to get it."""

    def __init__(self, wanted: str, *, known: tuple[str, ...] = ()) -> None:
        self.wanted = wanted
        others = f" Here are: {', '.join(known)}." if known else ""
        super().__init__(
            f"The package {wanted} is not here. Get it by `footbridge packages install {wanted}` "
            f"(or a .tgz FILE or a URL in place of the name).{others}"
        )
