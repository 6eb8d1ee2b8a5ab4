"""The photo studio: pictures of known heads with exact labels."""
