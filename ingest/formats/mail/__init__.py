"""Mail: MIME, Outlook, bodies and attachments."""
