class ShelfOperator:
    def execute(self, context):
        found = self.hook.find_shelf(self.name)
        self.hook.close()
        return found
