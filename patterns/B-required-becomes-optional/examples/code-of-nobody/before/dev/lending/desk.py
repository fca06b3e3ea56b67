def loan_of(reader) -> str:
    return reader.loan
