"""From a head to what can be said of it: measures, attributes, emotions, words."""
