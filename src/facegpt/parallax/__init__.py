"""What several photos of one head know beyond each of them: the same skin seen from several sides."""
