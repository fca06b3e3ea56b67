class Desk:
    def remind(self, how: str) -> None:
        self.reminders.append(how)
