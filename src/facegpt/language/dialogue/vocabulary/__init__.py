"""Words that conversations turn on."""
