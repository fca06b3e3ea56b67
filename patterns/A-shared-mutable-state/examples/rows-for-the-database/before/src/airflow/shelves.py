def find_shelf(name, rows: Session):
    """Look a shelf up."""
    return rows.first(name)
