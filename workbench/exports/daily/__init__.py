"""Reports of a day and of a period: documents whose counts add up, and Markdown for people."""
