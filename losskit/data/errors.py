"""What is raised for data that cannot be used."""


class DataError(ValueError):
    """A data file that cannot be used as it is: the message says which part, why, and the fix."""
