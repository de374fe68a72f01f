"""What the PDF loader is made of: objects, hidden text, reading order, tables, lines with their boxes."""
