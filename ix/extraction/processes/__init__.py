"""Work in child processes: whatever parses untrusted bytes, or may crash, hang or eat memory."""
