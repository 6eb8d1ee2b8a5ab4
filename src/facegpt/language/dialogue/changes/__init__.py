"""Changes that rest on other people or on earlier changes."""
