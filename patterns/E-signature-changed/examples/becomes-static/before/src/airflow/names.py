class Names:
    def clean(self, text, limit):
        """Cut a name."""
        return text[:limit].strip()
