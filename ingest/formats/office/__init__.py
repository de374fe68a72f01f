"""Older Office files: compound files, Word and PowerPoint 97, RTF."""
