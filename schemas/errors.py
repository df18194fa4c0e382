"""What makes the machine unable to go on; each message says in one sentence what to do."""


class DondocError(Exception):
    """Refused: usage, settings or a missing service. The command line exits with status 2."""


class SettingsError(DondocError):
    """`dondoc.toml` or the environment does not say what is needed."""


class RegistryError(DondocError):
    """`registry.xlsx` cannot be used; the message lists the cells and their remedies."""


class MailError(DondocError):
    """The mail server cannot be reached or does not let us in."""
