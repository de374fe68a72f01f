"""Spreadsheets of any kind: cells as shown, blocks, records."""
