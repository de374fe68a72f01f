"""Word, Excel and PowerPoint since 2007, read from their XML."""
