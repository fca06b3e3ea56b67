"""Words: frozen records, enumerations, and the declaration of every frame."""
