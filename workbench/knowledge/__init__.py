"""Knowledge: the files under ``patterns/``, read, checked and looked up."""
