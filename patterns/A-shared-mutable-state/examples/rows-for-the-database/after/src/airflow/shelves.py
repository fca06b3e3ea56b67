def find_shelf(name, rows: Session):
    """Look a shelf up."""
    if name:
        rows.add(name)
    return rows.first(name)
