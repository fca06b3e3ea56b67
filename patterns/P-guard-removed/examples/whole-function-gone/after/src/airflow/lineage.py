def readers_of(table):
    """Give who reads a table."""
    return table.readers
