"""The shapes that cross a border: forms, registry, findings, flags, notices, settings, errors."""
