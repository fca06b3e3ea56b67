class Names:
    @staticmethod
    def clean(text, limit):
        """Cut a name."""
        return text[:limit].strip()
