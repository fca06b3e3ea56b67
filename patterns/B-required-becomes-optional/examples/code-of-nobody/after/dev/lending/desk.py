def loan_of(reader) -> str | None:
    return reader.loan
