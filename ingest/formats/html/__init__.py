"""What the HTML loader is made of: the look of elements, tables, the walk."""
