"""Where Prefect's server listens, and the address that people open."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from schemas.settings import LOOPBACK


@dataclass(frozen=True)
class Listening:
    """The loopback of this machine, unless somebody says otherwise."""

    host: str = "127.0.0.1"
    port: int = 4200
    page: str = ""
    """The address of the page behind a web server with TLS; empty: there is none."""
    open: bool = False
    """Whether it lets everybody of this machine in: where all its users are as good as one."""

    @property
    def beyond(self) -> bool:
        """Whether other machines can reach it."""
        return self.host not in LOOPBACK

    @property
    def api(self) -> str:
        """The address of the API for who is on this machine."""
        try:
            address = ip_address(self.host)
        except ValueError:
            return f"http://{self.host}:{self.port}/api"
        if address.is_unspecified:
            address = ip_address("127.0.0.1" if address.version == 4 else "::1")
        host = f"[{address}]" if address.version == 6 else str(address)
        return f"http://{host}:{self.port}/api"

    @property
    def address(self) -> str:
        """What people open."""
        return self.page or self.api.removesuffix("/api")

    @property
    def origins(self) -> str:
        """The page's own, as a browser calls it; the loopback has two names."""
        its = urlsplit(self.address)
        origin = f"{its.scheme}://{its.netloc}"
        both = not (self.beyond or self.page) and its.hostname != "localhost"
        return f"{origin},http://localhost:{self.port}" if both else origin

    @property
    def behind_tls(self) -> bool:
        """Whether what people open is encrypted."""
        return self.page.startswith("https://")
